/** Hours, exceptions and days under way as people type them, a line each. What is no such thing goes to the API, which says so. */
import type { CalendarException, Hours } from "../../../src/calendar/calendar.ts";
import type { CarrierService, TransitRow } from "../../../src/calendar/carrier.ts";

const linesOf = (text: string): readonly string[] =>
  text.split("\n").map((line) => line.trim()).filter((line) => line !== "");

/** Such as `09:00-12:30, 13:00-17:00`. */
export const typedHours = (hours: readonly Hours[] = []): string =>
  hours.map((each) => each.join("-")).join(", ");

export const hoursIn = (text: string): readonly (readonly string[])[] =>
  text.split(",").map((each) => each.trim()).filter((each) => each !== "")
    .map((each) => each.split(/[-–]/).map((time) => time.trim()));

/** Such as `2026-12-25 closed`. */
export const typedException = ({ date, open, hours = [] }: CalendarException): string =>
  `${date} ${hours.length > 0 ? typedHours(hours) : open === true ? "open" : "closed"}`;

const exceptionIn = (line: string) => {
  const [date = "", ...rest] = line.split(/\s+/);
  const said = rest.join(" ");
  return /^(?:open|closed)$/i.test(said)
    ? { date, open: said.toLowerCase() === "open" }
    : { date, hours: hoursIn(said) };
};

export const exceptionsIn = (text: string) => linesOf(text).map(exceptionIn);

/** Such as `standard, DE, 27, 2`: what is before the last three commas is the name. */
const typedRow = (service: string, { country = "", postalPrefix = "", days }: TransitRow): string =>
  [service, country, postalPrefix, String(days)].join(", ");

export const typedServices = (services: readonly CarrierService[]): string =>
  services.flatMap(({ service, transit }) =>
    transit.length === 0 ? [service] : transit.map((row) => typedRow(service, row))
  ).join("\n");

interface TypedRow {
  readonly service: string;
  readonly row?: object;
}

const rowIn = (line: string): TypedRow => {
  const parts = line.split(",").map((part) => part.trim());
  if (parts.length === 1) return { service: line };
  const days = parts.at(-1) ?? "";
  const named = Math.max(1, parts.length - 3);
  const [country = "", postalPrefix = ""] = parts.slice(named, -1);
  return {
    service: parts.slice(0, named).join(", "),
    row: {
      ...(country === "" ? {} : { country }),
      ...(postalPrefix === "" ? {} : { postalPrefix }),
      days: days === "" ? days : Number(days),
    },
  };
};

/** Lines of one service are together, wherever they stand: a service is where its first line is. */
export const servicesIn = (text: string) => {
  const services = new Map<string, object[]>();
  for (const { service, row } of linesOf(text).map(rowIn)) {
    const rows = services.get(service) ?? [];
    services.set(service, row === undefined ? rows : [...rows, row]);
  }
  return [...services].map(([service, transit]) => ({ service, transit }));
};
