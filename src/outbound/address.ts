/** IP addresses: what they are for, and where packets to those of tunnels and translators end. */
import ipaddr from "ipaddr.js";

export type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Null for what is no address: of IPv4, four decimal numbers are one, and none of the forms before them. */
export const addressOf = (text: string): Address | null =>
  ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text) ? ipaddr.parse(text) : null;

const isIPv6 = (address: Address): address is ipaddr.IPv6 => address.kind() === "ipv6";

/** All that has been given out of IPv6 so far. https://www.iana.org/assignments/ipv6-address-space */
const globalUnicast = ipaddr.IPv6.parseCIDR("2000::/3");
/** RFC 6052, section 2.1. Other prefixes of translators are each network's own, and not public. */
const translated = ipaddr.IPv6.parseCIDR("64:ff9b::/96");

/** Whether anybody on the public internet could be called there. */
export const isPublic = (address: Address): boolean =>
  address.range() === "unicast" && (!isIPv6(address) || address.match(globalUnicast));

const ipv4At = (address: ipaddr.IPv6, offset: number, mask = 0): ipaddr.IPv4 =>
  new ipaddr.IPv4(
    address.toByteArray().slice(offset, offset + 4).map((byte) => byte ^ mask),
  );

/** Null for what should never be on a network. */
export const endsOf = (address: Address): readonly Address[] | null => {
  if (!isIPv6(address)) return [address];
  switch (address.range()) {
    // RFC 4291, section 2.5.5.2.
    case "ipv4Mapped":
      return [ipv4At(address, 12)];
    case "rfc6052":
      return address.match(translated) ? [ipv4At(address, 12)] : null;
    // RFC 3056, section 2.
    case "6to4":
      return [ipv4At(address, 2)];
    // RFC 4380, section 4: the server's, and the client's with all bits inverted.
    case "teredo":
      return [ipv4At(address, 4), ipv4At(address, 12, 0xff)];
    default:
      return [address];
  }
};
