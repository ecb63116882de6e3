/**
 * Where messages may go: URLs that people give, and the addresses that their names resolve to. Knows no
 * network: `actors/outbound/http.ts` asks before each connection, with the addresses of that moment.
 */
import { Data, Result } from "effect";
import { type AllowList, hasName, hasNetworkOf, nameAllows } from "./allow-list.ts";
import { type Address, addressOf, endsOf, isPublic } from "./address.ts";
import { outboundLimits } from "./limits.ts";

/** What is wrong with a target. */
export type TargetFault =
  | "url"
  | "scheme"
  | "user_info"
  | "port"
  | "fragment"
  | "length"
  | "address";

/** Nobody is to be called there. The detail is for whoever gave the URL: it names no address of the inside. */
export class TargetNotAllowed extends Data.TaggedError("TargetNotAllowed")<{
  readonly reason: TargetFault;
  readonly detail: string;
}> {}

/** A URL that may be called if its addresses may be. */
export interface Target {
  readonly url: URL;
  readonly isSecure: boolean;
  /** A name, or an address without brackets. */
  readonly host: string;
  /** Whether the host is an address, so that there is nothing to resolve. */
  readonly isAddress: boolean;
  readonly port: number;
}

const refuse = (reason: TargetFault, detail: string): Result.Result<never, TargetNotAllowed> =>
  Result.fail(new TargetNotAllowed({ reason, detail }));

const lowPorts: ReadonlySet<number> = new Set([80, 443, 8443]);
const firstHighPort = 1024;

/** Other protocols' ports from 1024 up, which fetch blocks too. https://fetch.spec.whatwg.org/#port-blocking */
const blockedPorts: ReadonlySet<number> = new Set([
  ...[1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000],
  ...[6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080],
]);

const mayBePort = (port: number): boolean =>
  (port >= firstHighPort && !blockedPorts.has(port)) || lowPorts.has(port);

const defaultPort = (isSecure: boolean): number => isSecure ? 443 : 80;

/** RFC 6761, section 6.3: these names are this machine, whatever anybody resolves them to. */
const isThisMachine = (name: string): boolean =>
  name === "localhost" || name.endsWith(".localhost");

const notPublic = "is not on the public internet";

/** The fault of a host by its text; null while its addresses are to say. */
const faultOfHost = (host: string, address: Address | null, allow: AllowList): string | null => {
  if (address !== null) {
    return mayBeCalled(address, host, allow) ? null : `The address in the URL ${notPublic}.`;
  }
  return isThisMachine(host) && !hasName(allow, host) ? `The host ${notPublic}.` : null;
};

/** Judges a URL by its text alone: to be asked when it is saved, and again at each attempt. */
export const targetOf = (
  text: string,
  allow: AllowList,
): Result.Result<Target, TargetNotAllowed> => {
  const { urlLength } = outboundLimits;
  const tooLong = `A URL has ${urlLength} characters at most.`;
  if (text.length > urlLength) return refuse("length", tooLong);
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return url === null
      ? refuse("url", "It is not a URL.")
      : refuse("scheme", "The URL must begin with https://.");
  }
  if (url.href.length > urlLength) return refuse("length", tooLong);
  if (url.username !== "" || url.password !== "") {
    return refuse("user_info", "The URL must not have a user name or a password.");
  }
  if (url.href.includes("#")) return refuse("fragment", "The URL must not have a fragment (#).");
  const isSecure = url.protocol === "https:";
  // "shop.example." and "shop.example" are one name.
  const host = url.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  if (host === "") return refuse("url", "The URL must have a host.");
  const port = url.port === "" ? defaultPort(isSecure) : Number(url.port);
  if (!mayBePort(port)) return refuse("port", `Port ${port} is not one that may be called.`);
  const address = addressOf(host);
  const fault = faultOfHost(host, address, allow);
  if (fault !== null) return refuse("address", fault);
  if (!isSecure && !hasName(allow, host) && !hasNetworkOf(allow, address)) {
    return refuse("scheme", "The URL must begin with https://.");
  }
  return Result.succeed({ url, isSecure, host, isAddress: address !== null, port });
};

/** Where a packet to an address may end, each must be allowed: tunnels lead to others than themselves. */
const mayBeCalled = (address: Address, host: string, allow: AllowList): boolean =>
  hasNetworkOf(allow, address) ||
  (endsOf(address)?.every((end) =>
    isPublic(end) || hasNetworkOf(allow, end) || nameAllows(allow, host, end)
  ) ?? false);

/**
 * Judges what a target's name resolved to; answers the addresses as they are to be connected to. One that is
 * not allowed refuses all: whoever mixes them in wants one connection to get through.
 */
export const addressesAllowed = (
  { host }: Pick<Target, "host">,
  addresses: readonly string[],
  allow: AllowList,
): Result.Result<readonly string[], TargetNotAllowed> => {
  const found = new Set<string>();
  for (const text of addresses) {
    const address = addressOf(text);
    if (address === null || !mayBeCalled(address, host, allow)) {
      return refuse("address", `The host resolves to an address that ${notPublic}.`);
    }
    found.add(address.toString());
  }
  return Result.succeed([...found]);
};
