/** Carriers, as far as days under way need them: which services they have, and how long each takes. Pure. */
import type { Saved } from "../subject/reference.ts";

/** Working days of a carrier to where the row is for: everywhere, a country, or a part of it. */
export interface TransitRow {
  readonly country?: string;
  /** The beginning of postal codes. */
  readonly postalPrefix?: string;
  readonly days: number;
}

export interface CarrierService {
  /** The name that orders call it by. */
  readonly service: string;
  readonly transit: readonly TransitRow[];
}

export interface Carrier extends Saved {
  readonly id: string;
  readonly name: string;
  /** Its working days; every day when absent. */
  readonly calendarId?: string;
  /** The first is what it carries by where no service is asked for. */
  readonly services: readonly CarrierService[];
}

export interface Destination {
  readonly country: string;
  readonly postalCode?: string;
}

/** Postal codes are written with and without spaces and hyphens, in capitals and not. */
export const plainPostalCode = (code: string): string => code.toUpperCase().replace(/[\s-]/g, "");

/** Names of services are compared without regard to capitals. */
export const plainService = (service: string): string => service.trim().toLowerCase();

/** What two rows of one table may not have in common. */
export const placeOfRow = ({ country = "", postalPrefix = "" }: TransitRow): string =>
  `${country} ${plainPostalCode(postalPrefix)}`;

/** How exactly a row is for a destination: by the length of its prefix, then its country. -1: not at all. */
const fitOf = (row: TransitRow, { country, postalCode = "" }: Destination): number => {
  const prefix = plainPostalCode(row.postalPrefix ?? "");
  return (row.country === undefined || row.country === country) &&
      plainPostalCode(postalCode).startsWith(prefix)
    ? 2 * prefix.length + (row.country === undefined ? 0 : 1)
    : -1;
};

/** The days to a destination by the row that is most exactly for it; null where no row is. */
export const transitDays = (
  { transit }: CarrierService,
  destination: Destination,
): number | null => {
  let days: number | null = null;
  let best = -1;
  for (const row of transit) {
    const fit = fitOf(row, destination);
    if (fit > best) [best, days] = [fit, row.days];
  }
  return days;
};

/** The service of a carrier by its name, or the one that it carries by otherwise. */
export const serviceOf = (
  { services }: Carrier,
  service: string | undefined,
): CarrierService | undefined =>
  service === undefined
    ? services[0]
    : services.find((each) => plainService(each.service) === plainService(service));
