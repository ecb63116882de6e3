/** The part of an address that routing needs, and that the log may have. */
import type { Address } from "../kernel/vocabulary.ts";
import type { Destination } from "./order.ts";

export const destinationOf = (address: Address): Destination => ({
  country: address.country,
  ...(address.region === undefined ? {} : { region: address.region }),
  ...(address.postalCode === undefined ? {} : { postalCode: address.postalCode }),
  ...(address.latitude === undefined ? {} : { latitude: address.latitude }),
  ...(address.longitude === undefined ? {} : { longitude: address.longitude }),
});
