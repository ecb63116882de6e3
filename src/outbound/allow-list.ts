/** The operator's exceptions from "the public internet only, and by https", of `ALLOT_OUTBOUND_ALLOW`. */
import { Result } from "effect";
import ipaddr from "ipaddr.js";
import { type Address, addressOf } from "./address.ts";

/** Made by `readAllowList`. */
export interface AllowList {
  /** Host names, lower case. */
  readonly names: ReadonlySet<string>;
  /** Networks, each with the length of its prefix. */
  readonly networks: readonly (readonly [Address, number])[];
}

export const noExceptions: AllowList = { names: new Set(), networks: [] };

/** Null for what is neither an address nor a network, such as `10.0.4.0/24`. */
const networkIn = (entry: string): AllowList["networks"][number] | null => {
  const address = addressOf(entry);
  if (address !== null) return [address, address.toByteArray().length * 8];
  const [start = ""] = entry.split("/");
  return addressOf(start) !== null && ipaddr.isValidCIDR(entry) ? ipaddr.parseCIDR(entry) : null;
};

/** Null for what is no host name. */
const nameIn = (entry: string): string | null => {
  const url = /^[^/:@?#\\\s]+$/.test(entry) ? URL.parse(`https://${entry}/`) : null;
  return url === null ? null : url.hostname.replace(/\.$/, "");
};

/** Reads `10.0.4.0/24,erp.internal`; else says which entry is wrong. */
export const readAllowList = (text: string): Result.Result<AllowList, string> => {
  const names = new Set<string>();
  const networks: AllowList["networks"][number][] = [];
  for (const entry of text.split(",").map((each) => each.trim())) {
    if (entry === "") continue;
    const network = networkIn(entry);
    const name = nameIn(entry);
    if (network !== null) networks.push(network);
    else if (name !== null) names.add(name);
    else return Result.fail(`"${entry}" is neither an address, a network nor a host name`);
  }
  return Result.succeed({ names, networks });
};

export const hasName = ({ names }: AllowList, host: string): boolean => names.has(host);

export const hasNetworkOf = ({ networks }: AllowList, address: Address | null): boolean =>
  address !== null &&
  networks.some(([network, prefix]) =>
    network.kind() === address.kind() && address.match(network, prefix)
  );

/**
 * What the inside of a house is made of. Not link-local addresses, where clouds give out their machines' keys:
 * whoever wants those names their network.
 */
const insides: ReadonlySet<string> = new Set([
  "private",
  "uniqueLocal",
  "loopback",
  "carrierGradeNat",
]);

/** Whether a host is named, and an address one that the name may stand for. */
export const nameAllows = (allow: AllowList, host: string, address: Address): boolean =>
  hasName(allow, host) && insides.has(address.range());
