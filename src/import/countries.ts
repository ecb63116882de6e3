/** ISO 3166-1 alpha-2 codes of country names as files write them. */

import { countryCodes } from "../kernel/country.ts";

/** Names that much software writes and CLDR words otherwise. */
const otherNames: Readonly<Record<string, string>> = {
  "USA": "US",
  "United States of America": "US",
  "UK": "GB",
  "Great Britain": "GB",
  "England": "GB",
  "Scotland": "GB",
  "Wales": "GB",
  "Northern Ireland": "GB",
  "Republic of Ireland": "IE",
  "The Netherlands": "NL",
  "Holland": "NL",
  "Czech Republic": "CZ",
  "Russian Federation": "RU",
  "Korea, Republic of": "KR",
  "Republic of Korea": "KR",
  "Viet Nam": "VN",
  "Turkey": "TR",
  "Hong Kong": "HK",
  "Macau": "MO",
  "UAE": "AE",
  "Ivory Coast": "CI",
  "Burma": "MM",
  "Swaziland": "SZ",
  "Cape Verde": "CV",
};

/** Case, accents, punctuation and `&` against `and` make no difference. */
const plain = (name: string): string =>
  name.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/&/g, " and ")
    .replace(/[^a-z]+/g, " ").trim();

const buildTable = (): ReadonlyMap<string, string> => {
  const names = new Intl.DisplayNames(["en"], { type: "region", fallback: "none" });
  const table = new Map<string, string>();
  for (const code of countryCodes) {
    table.set(code.toLowerCase(), code);
    const name = names.of(code);
    if (name === undefined) continue;
    table.set(plain(name), code);
    table.set(plain(name.replace(/\(.*\)/, "")), code);
  }
  for (const [name, code] of Object.entries(otherNames)) table.set(plain(name), code);
  return table;
};

let table: ReadonlyMap<string, string> | undefined;

/** The code of a country's English name or of a code itself; null when nobody knows it. */
export const countryCodeOf = (name: string): string | null => {
  table ??= buildTable();
  return table.get(plain(name)) ?? null;
};
