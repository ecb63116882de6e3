/** Targets by their text and by their addresses: what is refused, however it is written. */
import assert from "node:assert/strict";
import { Result } from "effect";
import fc from "fast-check";
import { type AllowList, noExceptions, readAllowList } from "../../src/outbound/allow-list.ts";
import { outboundLimits } from "../../src/outbound/limits.ts";
import { addressesAllowed, type TargetFault, targetOf } from "../../src/outbound/target.ts";

const allowing = (text: string): AllowList => Result.getOrThrow(readAllowList(text));

const faultOf = (url: string, allow = noExceptions): TargetFault | null =>
  Result.match(targetOf(url, allow), {
    onFailure: ({ reason }) => reason,
    onSuccess: () => null,
  });

const mayGoTo = (addresses: readonly string[], allow = noExceptions, host = "shop.example") =>
  Result.isSuccess(addressesAllowed({ host }, addresses, allow));

/** An IPv4 network as its first address and the length of its prefix. */
type Network = readonly [string, number];

/**
 * What is not globally reachable, and what is not for one host, as IANA lists it; read by other code than the
 * engine's. https://www.iana.org/assignments/iana-ipv4-special-registry
 */
const specialNetworks: readonly Network[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];

/** Reachable in part or by nobody's will: neither must pass nor be refused. */
const eitherWay: readonly Network[] = [
  ["192.31.196.0", 24],
  ["192.52.193.0", 24],
  ["192.88.99.0", 24],
  ["192.175.48.0", 24],
];

const numberOf = (address: string): number =>
  address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);

const textOf = (number: number): string =>
  [24, 16, 8, 0].map((bits) => (number >>> bits) & 255).join(".");

const isIn = (networks: readonly Network[], number: number): boolean =>
  networks.some(([first, prefix]) =>
    Math.floor(number / 2 ** (32 - prefix)) === Math.floor(numberOf(first) / 2 ** (32 - prefix))
  );

const ipv4 = fc.integer({ min: 0, max: 2 ** 32 - 1 });

const specialIpv4 = fc.constantFrom(...specialNetworks).chain(([first, prefix]) =>
  fc.integer({ min: 0, max: 2 ** (32 - prefix) - 1 }).map((n) => numberOf(first) + n)
);

const publicIpv4 = ipv4.filter((n) => !isIn(specialNetworks, n) && !isIn(eitherWay, n));

const hex = (number: number, groups: number): string =>
  Array.from(
    { length: groups },
    (_, n) => (Math.floor(number / 65_536 ** (groups - 1 - n)) % 65_536).toString(16),
  ).join(":");

const group = fc.integer({ min: 0, max: 65_535 });

/** Ways to write an IPv4 address so that packets end there. */
const disguises: Readonly<Record<string, (number: number) => string>> = {
  "IPv4": textOf,
  "mapped": (n) => `::ffff:${textOf(n)}`,
  "mapped in hexadecimal": (n) => `::ffff:${hex(n, 2)}`,
  "mapped, written out": (n) => `0:0:0:0:0:FFFF:${hex(n, 2)}`,
  "NAT64": (n) => `64:ff9b::${hex(n, 2)}`,
  "6to4": (n) => `2002:${hex(n, 2)}::1`,
  "Teredo's server": (n) => `2001:0:${hex(n, 2)}:0:0:${hex((numberOf("8.8.8.8") ^ -1) >>> 0, 2)}`,
  "Teredo's client": (n) => `2001:0:808:808:0:0:${hex((n ^ -1) >>> 0, 2)}`,
};

for (const [name, write] of Object.entries(disguises)) {
  Deno.test(`what is not public is refused as ${name}, and what is public is not`, () => {
    fc.assert(
      fc.property(specialIpv4, (n) => !mayGoTo([write(n)])),
      { numRuns: 500, examples: [[numberOf("169.254.169.254")], [numberOf("127.0.0.1")]] },
    );
    fc.assert(fc.property(publicIpv4, (n) => mayGoTo([write(n)])), { numRuns: 500 });
  });
}

Deno.test("an IPv6 address outside of what was given out is refused", () => {
  const outside = fc.array(group, { minLength: 8, maxLength: 8 }).filter(([first = 0, ...rest]) =>
    (first < 0x2000 || first > 0x3fff) &&
    // IPv4-mapped and NAT64.
    !(first === 0 && rest[4] === 0xffff) && !(first === 0x64 && rest[0] === 0xff9b)
  );
  const written = outside.map((groups) => groups.map((each) => each.toString(16)).join(":"));
  fc.assert(fc.property(written, (address) => !mayGoTo([address])), { numRuns: 1_000 });
});

Deno.test("special IPv6 addresses are refused, and usual ones are not", () => {
  const special = [
    ...["::", "::1", "::127.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b:1::808:808"],
    ...["fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd12:3456::1", "ff02::1"],
    ...["2001:db8::1", "3fff::1", "5f00::1", "100::1", "2001:2::1", "2001:10::1", "2001:20::1"],
  ];
  for (const address of special) assert.equal(mayGoTo([address]), false, address);
  for (const address of ["2606:4700::1111", "2a00:1450:4001::200e", "2001:4860:4860::8888"]) {
    assert.equal(mayGoTo([address]), true, address);
  }
});

Deno.test("one bad address among any good ones refuses all", () => {
  const good = fc.array(publicIpv4.map(textOf), { maxLength: 5 });
  fc.assert(fc.property(good, good, specialIpv4, (before, after, bad) => {
    assert.equal(mayGoTo([...before, ...after]), true);
    assert.equal(mayGoTo([...before, textOf(bad), ...after]), false);
  }));
});

Deno.test("what is no address is refused", () => {
  const texts = [
    "",
    "shop.example",
    "127.1",
    "0x7f.0.0.1",
    "2130706433",
    "0177.0.0.1",
    "8.8.8.8/32",
  ];
  for (const text of texts) assert.equal(mayGoTo([text]), false, text);
});

Deno.test("an address in a URL is judged however it is written", () => {
  fc.assert(fc.property(specialIpv4, (n) => {
    const [a, b, c, d] = textOf(n).split(".").map(Number);
    const hosts = [
      textOf(n),
      String(n),
      `0x${n.toString(16)}`,
      `0${a?.toString(8)}.0x${b?.toString(16)}.${c}.${d}`,
      `${a}.${b}.${(c ?? 0) * 256 + (d ?? 0)}`,
      `${textOf(n)}.`,
      textOf(n).replaceAll(".", "%2e"),
      textOf(n).replaceAll(".", "。"),
      ...Object.values(disguises).map((write) => write(n)).filter((text) => text.includes(":"))
        .map((text) => `[${text}]`),
    ];
    for (const host of hosts) assert.equal(faultOf(`https://${host}/hook`), "address", host);
  }));
  fc.assert(fc.property(publicIpv4, (n) => {
    assert.equal(faultOf(`https://${textOf(n)}/hook`), null);
    assert.equal(faultOf(`https://[::ffff:${textOf(n)}]/hook`), null);
  }));
});

Deno.test("only https is allowed, with neither user, password nor fragment, and no longer than a URL may be", () => {
  const faults: readonly (readonly [string, TargetFault | null])[] = [
    ["https://shop.example/hook?a=1", null],
    ["HTTPS://Shop.Example./hook", null],
    ["https://münchen.example/", null],
    ["", "url"],
    ["/hook", "url"],
    ["shop.example/hook", "url"],
    ["https://", "url"],
    ["https://[::1", "url"],
    ["https://./", "url"],
    ["http://shop.example/hook", "scheme"],
    ["ftp://shop.example/", "scheme"],
    ["file:///etc/passwd", "scheme"],
    ["javascript:alert(1)", "scheme"],
    ["ws://shop.example/", "scheme"],
    ["https://user@shop.example/", "user_info"],
    ["https://:password@shop.example/", "user_info"],
    ["https://8.8.8.8@127.0.0.1/", "user_info"],
    ["https://shop.example/#", "fragment"],
    ["https://shop.example/#here", "fragment"],
    ["https://localhost/", "address"],
    ["https://LOCALHOST./", "address"],
    ["https://any.localhost/", "address"],
  ];
  for (const [url, fault] of faults) assert.equal(faultOf(url), fault, url);
  const start = "https://shop.example/";
  const longest = start + "a".repeat(outboundLimits.urlLength - start.length);
  assert.equal(faultOf(longest), null);
  assert.equal(faultOf(`${longest}a`), "length");
  // It is three times as long when it is sent.
  assert.equal(faultOf(start + "ä".repeat(outboundLimits.urlLength / 3)), "length");
});

Deno.test("ports of other protocols are not called", () => {
  const may = [443, 80, 8443, 1024, 8080, 49_152, 65_535];
  const mayNot = [0, 1, 22, 25, 110, 143, 389, 465, 993, 1023, 2049, 5060, 6000, 6667, 10_080];
  for (const port of may) assert.equal(faultOf(`https://shop.example:${port}/`), null, `${port}`);
  for (const port of mayNot) assert.equal(faultOf(`https://shop.example:${port}/`), "port");
});

Deno.test("the operator's networks may be called, by any name, and none beside them", () => {
  const allow = allowing("10.0.4.0/24, fd00:4::/64,192.168.7.9");
  for (const address of ["10.0.4.0", "10.0.4.255", "::ffff:10.0.4.7", "fd00:4::1", "192.168.7.9"]) {
    assert.equal(mayGoTo([address], allow), true, address);
    const host = address.includes(":") ? `[${address}]` : address;
    assert.equal(faultOf(`https://${host}/`, allow), null);
  }
  for (const address of ["10.0.5.0", "10.0.3.255", "fd00:4:0:1::1", "192.168.7.8", "127.0.0.1"]) {
    assert.equal(mayGoTo([address], allow), false, address);
  }
  assert.equal(mayGoTo(["8.8.8.8", "10.0.4.1"], allow), true);
  assert.equal(faultOf("http://10.0.4.1:8069/", allow), null, "named, so http too");
  assert.equal(faultOf("http://8.8.8.8/", allow), "scheme");
  assert.equal(faultOf("http://shop.example/", allow), "scheme");
});

Deno.test("a name of the operator's may stand for the inside, and others not", () => {
  const allow = allowing("erp.internal,LOCALHOST,München.internal");
  for (const address of ["10.0.0.1", "127.0.0.1", "fd00::1", "100.64.0.1", "8.8.8.8"]) {
    assert.equal(mayGoTo([address], allow, "erp.internal"), true, address);
    assert.equal(mayGoTo([address], allow), address === "8.8.8.8", address);
  }
  for (const address of ["169.254.169.254", "fe80::1", "0.0.0.0", "224.0.0.1"]) {
    assert.equal(mayGoTo([address], allow, "erp.internal"), false, address);
  }
  assert.equal(faultOf("http://erp.internal:8069/", allow), null);
  assert.equal(faultOf("http://ERP.internal./", allow), null);
  assert.equal(faultOf("http://localhost:8069/", allow), null);
  assert.equal(faultOf("http://xn--mnchen-3ya.internal/", allow), null);
  assert.equal(faultOf("http://sub.erp.internal/", allow), "scheme");
});

Deno.test("an allow list that says what nobody understands is refused, with the entry", () => {
  assert.deepEqual(allowing(""), noExceptions);
  assert.deepEqual(allowing(" , "), noExceptions);
  for (
    const entry of ["10.0.0.0/33", "10.0.0/8", "erp.internal:8069", "http://erp", "a b", "1/2"]
  ) {
    const read = readAllowList(`erp.internal,${entry}`);
    assert.ok(Result.isFailure(read) && read.failure.includes(entry), entry);
  }
});

Deno.test("a refusal names no address of the inside", () => {
  const refused = addressesAllowed({ host: "shop.example" }, ["10.1.2.3"], noExceptions);
  assert.ok(Result.isFailure(refused) && !refused.failure.detail.includes("10.1.2.3"));
});
