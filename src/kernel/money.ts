/**
 * Money is an integer of minor units with its currency; on the wire it is a decimal string with exactly
 * the currency's digits.
 */

/** ISO 4217 list one, minor unit column: the currencies that do not have two digits. */
const digitsBesideTwo: Readonly<Record<string, number>> = {
  BIF: 0,
  CLP: 0,
  DJF: 0,
  GNF: 0,
  ISK: 0,
  JPY: 0,
  KMF: 0,
  KRW: 0,
  PYG: 0,
  RWF: 0,
  UGX: 0,
  UYI: 0,
  VND: 0,
  VUV: 0,
  XAF: 0,
  XOF: 0,
  XPF: 0,
  BHD: 3,
  IQD: 3,
  JOD: 3,
  KWD: 3,
  LYD: 3,
  OMR: 3,
  TND: 3,
  CLF: 4,
  UYW: 4,
};

/** ISO 4217 list one, active codes of money that goods are sold in (no funds, metals or test codes). */
const currencies = new Set(
  ("AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD " +
    "CDF CHF CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP " +
    "GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD " +
    "KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN " +
    "NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP " +
    "SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYI UYU UYW UZS " +
    "VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG").split(" "),
);

export const isCurrency = (code: string): boolean => currencies.has(code);

/** Decimal digits of a currency's minor unit. */
export const digitsOf = (currency: string): number => digitsBesideTwo[currency] ?? 2;

/** Largest amount of one field, in minor units: sums of an order's lines stay exact integers. */
export const largestAmount = 1_000_000_000_000;

/** Minor units of a decimal string, or null unless it has exactly the currency's digits and fits. */
export const parseAmount = (text: string, currency: string): number | null => {
  const digits = digitsOf(currency);
  const point = text.length - digits - 1;
  let minorUnits = 0;
  const first = text.charCodeAt(0) === 45 ? 1 : 0;
  if (digits > 0 && (point < first + 1 || text.charCodeAt(point) !== 46)) return null;
  if (text.length === first || text.length > 16) return null;
  for (let i = first; i < text.length; i++) {
    if (digits > 0 && i === point) continue;
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return null;
    minorUnits = minorUnits * 10 + digit;
  }
  if (minorUnits > largestAmount) return null;
  return first === 1 && minorUnits !== 0 ? -minorUnits : minorUnits;
};

export const formatAmount = (minorUnits: number, currency: string): string => {
  const digits = digitsOf(currency);
  const sign = minorUnits < 0 ? "-" : "";
  const text = String(Math.abs(minorUnits));
  if (digits === 0) return sign + text;
  const padded = text.padStart(digits + 1, "0");
  return `${sign}${padded.slice(0, -digits)}.${padded.slice(-digits)}`;
};

/** Money on the wire. */
export interface Money {
  readonly amount: string;
  readonly currency: string;
}

export const moneyOf = (minorUnits: number, currency: string): Money => ({
  amount: formatAmount(minorUnits, currency),
  currency,
});
