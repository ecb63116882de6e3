/** The peer at the other end of a connection. */

export interface Peer {
  /**
   * Wrong keys are counted against it: an address of IPv4, or a network of IPv6, since each host has a whole
   * one.
   */
  readonly address: string;
}

/** Groups of 16 bits that name the network. */
const networkGroups = 4;

/** The beginning of an IPv6 address with the groups that `::` leaves out. */
const networkOf = (address: string): string => {
  const [head = "", tail = ""] = address.split("::", 2);
  const groups = head === "" ? [] : head.split(":");
  const behind = tail === "" ? 0 : tail.split(":").length;
  while (address.includes("::") && groups.length + behind < 8) groups.push("0");
  return `${groups.slice(0, networkGroups).join(":")}::/64`;
};

export const peerAt = (hostname: string): Peer => {
  const inIpv4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(hostname)?.[1];
  const address = inIpv4 ?? hostname.replace(/%.*$/, "");
  return { address: address.includes(":") ? networkOf(address) : address };
};

/** The peer that a request came from; undefined where it came over no connection. */
export const peerOf = ({ env }: { readonly env?: Peer }): Peer | undefined => env;
