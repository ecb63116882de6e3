/** ISO 3166-1 alpha-2 codes of country names as files write them. */

import { countryCodes } from "../kernel/country.ts";

/** Names of ISO 3166-1, and those that shops and marketplaces write, where CLDR words them otherwise. */
const otherNames: Readonly<Record<string, string>> = {
  AE: "UAE|Emirates",
  BN: "Brunei Darussalam",
  BO: "Bolivia, Plurinational State of",
  BQ: "Bonaire, Sint Eustatius and Saba|Bonaire, Saint Eustatius and Saba|Caribbean Netherlands",
  BS: "The Bahamas",
  BY: "Belorussia",
  CC: "Cocos (Keeling) Islands",
  CD: "Congo, The Democratic Republic of the|Congo, Democratic Republic of the|" +
    "Democratic Republic of the Congo|Democratic Republic of Congo|DR Congo|DRC|Zaire|Congo (DRC)",
  CG: "Congo|Republic of the Congo|Congo Republic|Congo, Republic of the|Congo (Republic)",
  CI: "Ivory Coast|Republic of Cote d'Ivoire",
  CN: "People's Republic of China|China, People's Republic of|PR China|Mainland China",
  CV: "Cabo Verde|Cape Verde",
  CW: "Curacao",
  CZ: "Czech Republic",
  FK: "Falkland Islands (Malvinas)|Islas Malvinas",
  FM: "Micronesia, Federated States of|Federated States of Micronesia",
  GB: "UK|Great Britain|Britain|England|Scotland|Wales|Northern Ireland|" +
    "United Kingdom of Great Britain and Northern Ireland|Great Britain and Northern Ireland",
  GM: "The Gambia|Gambia, The",
  GS: "South Georgia and the South Sandwich Islands",
  HK: "Hong Kong|Hong Kong SAR|Hong Kong, SAR China|Hong Kong SAR of China",
  HM: "Heard Island and McDonald Islands",
  IE: "Republic of Ireland|Ireland, Republic of|Eire",
  IR: "Iran, Islamic Republic of|Islamic Republic of Iran",
  KN: "Saint Kitts and Nevis",
  KP: "Korea, Democratic People's Republic of|Korea, the Democratic People's Republic of|" +
    "Democratic People's Republic of Korea|Korea, North",
  KR: "Korea, Republic of|Korea, the Republic of|Republic of Korea|Korea, South|Korea",
  LA: "Lao People's Democratic Republic|Lao PDR",
  LC: "Saint Lucia",
  LY: "Libyan Arab Jamahiriya|State of Libya",
  MD: "Moldova, Republic of|Republic of Moldova",
  MF: "Saint Martin (French part)",
  MK: "Macedonia|North Macedonia|Republic of North Macedonia|FYROM|" +
    "Macedonia, the Former Yugoslav Republic of|Macedonia, Republic of",
  MM: "Burma",
  MO: "Macau|Macao|Macao SAR|Macau SAR China",
  NL: "Holland|Netherlands, Kingdom of the|Kingdom of the Netherlands",
  PM: "Saint Pierre and Miquelon",
  PN: "Pitcairn",
  PS: "Palestine|Palestine, State of|State of Palestine|Palestinian Territory|" +
    "Palestinian Territory, Occupied|Occupied Palestinian Territory",
  RE: "Reunion",
  RU: "Russian Federation",
  SH: "Saint Helena, Ascension and Tristan da Cunha|Saint Helena",
  SJ: "Svalbard and Jan Mayen",
  ST: "Sao Tome and Principe",
  SX: "Sint Maarten (Dutch part)",
  SY: "Syrian Arab Republic",
  SZ: "Swaziland|Eswatini",
  TF: "French Southern Territories|French Southern and Antarctic Lands",
  TL: "East Timor",
  TR: "Turkey|Turkiye|Republic of Turkiye",
  TW: "Taiwan|Taiwan, Province of China|Taiwan (ROC)|Taiwan, Republic of China|Republic of China",
  TZ: "Tanzania, United Republic of|Tanzania, the United Republic of|United Republic of Tanzania",
  UM: "United States Minor Outlying Islands",
  US: "USA|U.S.|United States of America|America|The States",
  VA: "Vatican|Holy See|Holy See (Vatican City State)|Vatican City State",
  VC: "Saint Vincent and the Grenadines",
  VE: "Venezuela, Bolivarian Republic of|Bolivarian Republic of Venezuela",
  VG: "Virgin Islands, British|Virgin Islands (British)|British Virgin Islands",
  VI: "Virgin Islands, U.S.|Virgin Islands (U.S.)|US Virgin Islands|United States Virgin Islands",
  VN: "Viet Nam|Socialist Republic of Vietnam",
  XK: "Republic of Kosovo",
};

/** Languages that countries call themselves by in shops that speak them; all are written in Latin letters. */
const languages = [
  "de",
  "fr",
  "es",
  "it",
  "nl",
  "pt",
  "da",
  "sv",
  "nb",
  "fi",
  "pl",
  "cs",
  "hu",
  "tr",
];

/** Case, accents, spaces, punctuation and `&` against `and` make no difference, nor does `the` or `St.`. */
const plain = (name: string): string =>
  name.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase()
    .replace(/&/g, " and ").replace(/\bst\b\.?/g, "saint").replace(/\bthe\b/g, "")
    // Letters that no accent is taken from.
    .replace(/ß/g, "ss").replace(/ø/g, "o").replace(/æ/g, "ae").replace(/ł/g, "l").replace(
      /ı/g,
      "i",
    )
    .replace(/[^a-z]+/g, "");

const buildTable = (): ReadonlyMap<string, string> => {
  const table = new Map<string, string>();
  const add = (name: string | undefined, code: string): void => {
    const key = plain(name ?? "");
    if (key !== "" && !table.has(key)) table.set(key, code);
  };
  for (const code of countryCodes) table.set(code.toLowerCase(), code);
  for (const [code, names] of Object.entries(otherNames)) {
    for (const name of names.split("|")) add(name, code);
  }
  const english = new Intl.DisplayNames(["en"], { type: "region", fallback: "none" });
  for (const code of countryCodes) {
    const name = english.of(code);
    add(name, code);
    add(name?.replace(/\(.*\)/, ""), code);
  }
  /** Names in other languages count where no two countries have one. */
  const foreign = new Map<string, string | null>();
  for (const language of languages) {
    const names = new Intl.DisplayNames([language], { type: "region", fallback: "none" });
    for (const code of countryCodes) {
      const key = plain(names.of(code) ?? "");
      const known = foreign.get(key);
      foreign.set(key, known === undefined || known === code ? code : null);
    }
  }
  for (const [key, code] of foreign) if (code !== null && !table.has(key)) table.set(key, code);
  table.delete("");
  return table;
};

let table: ReadonlyMap<string, string> | undefined;

/** What a name may be short for: without what stands in brackets, or one of two sides of a dash. */
const readings = (name: string): readonly string[] => {
  const bracketed = /^(.*?)\s*\(([^()]*)\)\s*$/.exec(name);
  const dashed = /^(\S.*?)\s+[-–]\s+(\S.*)$/.exec(name);
  return (bracketed ?? dashed ?? []).slice(1);
};

/** The code of a country's name or of a code itself; null when nobody knows it. */
export const countryCodeOf = (name: string): string | null => {
  table ??= buildTable();
  const codes = table;
  const whole = codes.get(plain(name));
  if (whole !== undefined) return whole;
  const found = readings(name).map((reading) => codes.get(plain(reading)));
  const [first, second] = found;
  // `United States (US)` is one country said twice; of two countries nobody knows which is meant.
  if (first === undefined || second !== undefined && second !== first) return null;
  return first;
};
