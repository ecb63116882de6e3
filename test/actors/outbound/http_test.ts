/** HTTP to the outside: whom it connects to, what comes back, and how it ends when nothing does. */
import assert from "node:assert/strict";
import { Effect, Exit, Fiber, Layer, Result } from "effect";
import { TestClock } from "effect/testing";
import {
  OutboundHttp,
  type OutboundHttpOptions,
  type OutboundRequest,
} from "../../../actors/outbound/http.ts";
import { noExceptions, readAllowList } from "../../../src/outbound/allow-list.ts";
import { outboundLimits } from "../../../src/outbound/limits.ts";
import { authority, bazaar, expired, machine, shop } from "../../support/certificates.ts";
import { httpServer, type Outside, rawServer, Signal } from "../../support/outside.ts";

const allowing = (text: string) => Result.getOrThrow(readAllowList(text));
/** The address of the servers, and the names that these tests give it. */
const here = allowing("127.0.0.1,shop.example,bazaar.example");

const resolvingTo = (...addresses: string[]) => () => Promise.resolve(addresses);
const toHere = resolvingTo("127.0.0.1");

type Options = Partial<OutboundHttpOptions>;

const client = (options: Options = {}) =>
  Layer.provideMerge(
    OutboundHttp.layer({ allow: here, lookup: toHere, authorities: [authority], ...options }),
    TestClock.layer(),
  );

const run = <A, E>(
  test: Effect.Effect<A, E, Layer.Success<ReturnType<typeof client>>>,
  options: Options = {},
): Promise<A> => Effect.runPromise(Effect.provide(test, client(options)));

const deadlineMs = 15_000;

const post = (url: string, request: Partial<OutboundRequest> = {}) =>
  Effect.flatMap(
    OutboundHttp,
    (http) => http.send({ url, method: "POST", headers: {}, body: "{}", deadlineMs, ...request }),
  );

const send = (url: string, options: Options = {}, request: Partial<OutboundRequest> = {}) =>
  run(Effect.result(post(url, request)), options);

/** The tag of the failure, or the status of the answer. */
const resultOf = async (sending: ReturnType<typeof send>): Promise<string | number> =>
  Result.match(await sending, { onFailure: ({ _tag }) => _tag, onSuccess: ({ status }) => status });

const asName = ({ port }: Outside, scheme = "http") => `${scheme}://shop.example:${port}/hook`;

const head = "HTTP/1.1 200 OK\r\n";

Deno.test("the other side receives what was given, and the sender what was answered", async () => {
  await using server = await httpServer({
    answer: (response) =>
      void response.writeHead(429, {
        "retry-after": "120",
        "content-type": "text/plain",
        "set-cookie": "a=1",
      }).end("Später ✓"),
  });
  const url = `${asName(server)}?a=1&b=%20`;
  const headers = { "content-type": "application/json", "webhook-id": "msg_1" };
  const answer = await run(Effect.andThen(
    post(url, { headers, body: '{"ü":"✓"}' }),
    post(url, { method: "GET", body: null }),
  ));
  assert.deepEqual(answer, {
    status: 429,
    headers: { retryAfter: "120", contentType: "text/plain" },
    bodyStart: "Später ✓",
  });
  const [first, second] = server.received;
  assert.deepEqual([first?.method, first?.url], ["POST", "/hook?a=1&b=%20"]);
  assert.equal(first?.body, '{"ü":"✓"}');
  const host = `shop.example:${server.port}`;
  const { connection: _, ...sent } = first?.headers ?? {};
  assert.deepEqual(sent, { ...headers, host, "content-length": "12", "user-agent": "Allot" });
  assert.deepEqual([second?.method, second?.body], ["GET", ""]);
  assert.equal(second?.headers["content-length"], undefined);
  assert.equal(second?.headers.cookie, undefined);
});

Deno.test("only the start of a body is kept, and of a header", async () => {
  const { answerCharacters, answerHeaderCharacters } = outboundLimits;
  // Each has two UTF-16 code units, so that the last one would be cut in half.
  const emoji = "🙂";
  await using server = await httpServer({
    answer: (response) =>
      void response.writeHead(200, { "retry-after": "9".repeat(1_000) })
        .end("a" + emoji.repeat(20_000)),
  });
  const { bodyStart, headers } = await run(post(asName(server)));
  assert.equal(bodyStart, "a" + emoji.repeat(answerCharacters / 2 - 1));
  assert.equal(headers.retryAfter, "9".repeat(answerHeaderCharacters));
});

Deno.test("requests to one address share connections, one after another and beside each other", async () => {
  await using server = await httpServer();
  await run(Effect.gen(function* () {
    const one = post(asName(server));
    for (let n = 0; n < 20; n++) yield* one;
    assert.equal(server.connections.count, 1);
    const beside = Effect.all(Array.from({ length: 8 }, () => one), { concurrency: "unbounded" });
    for (let n = 0; n < 5; n++) yield* beside;
    assert.equal(server.connections.count, 8);
  }));
});

Deno.test("a connection that the other side has closed is not used again", async () => {
  await using server = await httpServer();
  await run(Effect.gen(function* () {
    for (let n = 1; n <= 5; n++) {
      yield* post(asName(server));
      server.closeIdle();
      while (server.open() > 0) yield* Effect.promise(() => new Promise(setImmediate));
      assert.equal(server.connections.count, n);
    }
  }));
});

Deno.test("nothing stays open when the service ends", async () => {
  await using server = await httpServer();
  await run(post(asName(server)));
  // By turns and not until it is so: left alone, a connection that is kept is closed in the end, too.
  for (let turn = 0; turn < 10_000 && server.open() > 0; turn++) await new Promise(setImmediate);
  assert.equal(server.open(), 0);
});

Deno.test("by TLS, the name is asked for and its certificate is checked", async () => {
  await using server = await httpServer({ identity: shop });
  assert.equal(await resultOf(send(asName(server, "https"))), 200);
  const [{ serverName, headers } = {}] = server.received;
  assert.deepEqual([serverName, headers?.host], ["shop.example", `shop.example:${server.port}`]);
});

Deno.test("a certificate of another name, of the past or of nobody known is refused, and nothing is sent", async () => {
  const others = [
    { identity: bazaar },
    { identity: expired },
    { identity: machine },
    { identity: shop, options: { authorities: [] } },
  ];
  for (const { identity, options = {} } of others) {
    await using server = await httpServer({ identity });
    assert.equal(await resultOf(send(asName(server, "https"), options)), "CouldNotConnect");
    assert.equal(server.connections.count, 1);
    assert.deepEqual(server.received, []);
  }
});

Deno.test("an address in a URL needs a certificate of the address", async () => {
  await using good = await httpServer({ identity: machine });
  assert.equal(await resultOf(send(`https://127.0.0.1:${good.port}/`)), 200);
  await using bad = await httpServer({ identity: shop });
  assert.equal(await resultOf(send(`https://127.0.0.1:${bad.port}/`)), "CouldNotConnect");
  assert.deepEqual(bad.received, []);
});

Deno.test("two names at one address share no connection: its certificate is of one of them", async () => {
  await using server = await httpServer({ identity: shop });
  await run(Effect.gen(function* () {
    yield* post(asName(server, "https"));
    const other = yield* Effect.result(post(`https://bazaar.example:${server.port}/`));
    assert.ok(Result.isFailure(other) && other.failure._tag === "CouldNotConnect");
    assert.equal(server.received.length, 1);
  }));
});

Deno.test("somebody who speaks no TLS is not told anything", async () => {
  await using server = await httpServer();
  assert.equal(await resultOf(send(asName(server, "https"))), "CouldNotConnect");
  assert.deepEqual(server.received, []);
});

/** Servers at one port of several addresses of this machine. */
const listeningAt = async (hostnames: readonly string[]) => {
  const stack = new AsyncDisposableStack();
  const servers: Outside[] = [];
  for (const hostname of hostnames) {
    const { port = 0 } = servers[0] ?? {};
    servers.push(stack.use(await httpServer({ hostname, port })));
  }
  return {
    port: servers[0]?.port ?? 0,
    connections: () => servers.reduce((sum, each) => sum + each.connections.count, 0),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
};

const inside = [
  ...["127.0.0.1", "127.0.0.2", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1", "0.0.0.0", "::"],
  ...["64:ff9b::7f00:1", "2002:7f00:1::", "169.254.169.254", "fe80::1", "10.0.0.1", "10.255.255.1"],
  ...["172.16.0.1", "192.168.1.1", "100.64.0.1", "fd00::1"],
];

Deno.test("addresses of the inside are never connected to, in a URL or behind a name", async () => {
  await using servers = await listeningAt(["127.0.0.1", "127.0.0.2", "::1"]);
  const { port } = servers;
  for (const address of inside) {
    const host = address.includes(":") ? `[${address}]` : address;
    const tries = [
      send(`https://${host}:${port}/`, { allow: noExceptions }),
      send(`http://${host}:${port}/`, { allow: noExceptions }),
      send(`https://any.example:${port}/`, { allow: noExceptions, lookup: resolvingTo(address) }),
      send(`https://any.example:${port}/`, {
        allow: noExceptions,
        lookup: resolvingTo("8.8.8.8", address),
      }),
    ];
    for (const each of tries) assert.equal(await resultOf(each), "TargetNotAllowed", address);
  }
  for (const host of ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "localhost", "a.localhost."]) {
    const tried = send(`https://${host}:${port}/`, { allow: noExceptions });
    assert.equal(await resultOf(tried), "TargetNotAllowed", host);
  }
  assert.equal(servers.connections(), 0);
});

Deno.test("a name is resolved at each attempt, once, and what is checked is what is connected to", async () => {
  await using bad = await httpServer({ identity: shop, hostname: "127.0.0.2" });
  await using good = await httpServer({ identity: shop, port: bad.port });
  // Every second look-up leads to where nothing may go, although a connection is kept to where it may.
  let lookups = 0;
  const lookup = () => Promise.resolve([++lookups % 2 === 0 ? "127.0.0.2" : "127.0.0.1"]);
  await run(
    Effect.gen(function* () {
      for (let n = 1; n <= 6; n++) {
        const told = Result.match(yield* Effect.result(post(asName(good, "https"))), {
          onFailure: ({ _tag }) => _tag,
          onSuccess: ({ status }) => status,
        });
        assert.equal(told, n % 2 === 0 ? "TargetNotAllowed" : 200);
        assert.equal(lookups, n);
      }
    }),
    { allow: allowing("127.0.0.1"), lookup },
  );
  assert.equal(good.received.length, 3);
  assert.equal(bad.connections.count, 0);
});

Deno.test("connections that are kept are of an address, whatever its name stands for next", async () => {
  await using first = await httpServer();
  await using second = await httpServer({ hostname: "127.0.0.2", port: first.port });
  let lookups = 0;
  const lookup = () => Promise.resolve([++lookups === 1 ? "127.0.0.1" : "127.0.0.2"]);
  const twice = Effect.andThen(post(asName(first)), post(asName(first)));
  assert.equal((await run(twice, { lookup })).status, 200);
  assert.deepEqual([first.received.length, second.received.length], [1, 1]);
});

Deno.test("a redirect is an answer, and nobody follows it", async () => {
  await using inner = await httpServer();
  for (const status of [301, 302, 303, 307, 308]) {
    await using server = await httpServer({
      answer: (response) =>
        void response.writeHead(status, { location: `http://127.0.0.1:${inner.port}/` }).end(),
    });
    assert.equal(await resultOf(send(asName(server))), status);
  }
  assert.equal(inner.connections.count, 0);
});

Deno.test("the next address is tried where nobody is at the first, a few times", async () => {
  await using server = await httpServer();
  const allow = allowing("127.0.0.0/8,shop.example");
  const nobody = ["127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"];
  const { addressesTried } = outboundLimits;
  const reached = resolvingTo(...nobody.slice(0, addressesTried - 1), "127.0.0.1");
  assert.equal(await resultOf(send(asName(server), { allow, lookup: reached })), 200);
  const beyond = resolvingTo(...nobody.slice(0, addressesTried), "127.0.0.1");
  assert.equal(await resultOf(send(asName(server), { allow, lookup: beyond })), "CouldNotConnect");
});

Deno.test("a name without an address cannot be resolved, and the reason is told", async () => {
  const failing = () => Promise.reject(Object.assign(new Error("no"), { code: "ENOTFOUND" }));
  for (const lookup of [failing, resolvingTo()]) {
    assert.equal(await resultOf(send("https://shop.example/", { lookup })), "CouldNotResolve");
  }
  const result = await send("https://shop.example/", { lookup: failing });
  assert.ok(Result.isFailure(result) && result.failure._tag === "CouldNotResolve");
  assert.match(result.failure.detail, /ENOTFOUND/);
});

Deno.test("without another one, the system's resolver is asked", async () => {
  await using server = await httpServer();
  const url = `http://localhost:${server.port}/`;
  const answer = await Effect.runPromise(
    Effect.provide(post(url), OutboundHttp.layer({ allow: allowing("localhost") })),
  );
  assert.equal(answer.status, 200);
  const unknown = Effect.provide(
    Effect.flip(post("https://nobody.invalid/")),
    OutboundHttp.layer({ allow: noExceptions }),
  );
  assert.equal((await Effect.runPromise(unknown))._tag, "CouldNotResolve");
});

Deno.test("a resolver that hangs is asked about so many names at once, and once about each", async () => {
  const asked = new Signal();
  const lookup = () => {
    asked.happened();
    return new Promise<string[]>(() => {});
  };
  await run(
    Effect.gen(function* () {
      const fibers = [];
      for (let n = 0; n < outboundLimits.lookups; n++) {
        for (let again = 0; again < 2; again++) {
          fibers.push(yield* Effect.forkChild(Effect.flip(post(`https://name-${n}.example/`))));
        }
      }
      yield* Effect.promise(() => asked.reached(outboundLimits.lookups));
      const more = yield* Effect.flip(post("https://one-more.example/"));
      assert.equal(more._tag, "CouldNotResolve");
      yield* TestClock.adjust(deadlineMs);
      for (const failure of yield* Fiber.joinAll(fibers)) {
        assert.ok(failure._tag === "TimedOut" && !failure.wasSent);
      }
      assert.equal(asked.count, outboundLimits.lookups);
    }),
    { lookup },
  );
});

/** Sends, waits for what is to happen, lets the time pass, and answers with how it ended. */
const afterMs = (ms: number, url: string, happens: () => Promise<void>) =>
  run(Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(Effect.result(post(url)));
    yield* Effect.promise(happens);
    yield* TestClock.adjust(ms - 1);
    assert.equal(fiber.pollUnsafe(), undefined, "there is time left");
    yield* TestClock.adjust(1);
    return yield* Fiber.join(fiber);
  }));

Deno.test("somebody who takes the request and says nothing is given up in time", async () => {
  const taken = new Signal();
  const closed = new Signal();
  await using server = rawServer(async (connection) => {
    await connection.request();
    taken.happened();
    await connection.closed();
    closed.happened();
  });
  const result = await afterMs(deadlineMs, asName(server), () => taken.reached());
  assert.ok(Result.isFailure(result) && result.failure._tag === "TimedOut");
  assert.equal(result.failure.wasSent, true);
  await closed.reached();
});

Deno.test("somebody who begins no TLS is not connected to", async () => {
  const closed = new Signal();
  await using server = rawServer(async (connection) => {
    await connection.closed();
    closed.happened();
  });
  const result = await afterMs(
    outboundLimits.connectMs,
    asName(server, "https"),
    () => server.connections.reached(),
  );
  assert.ok(Result.isFailure(result) && result.failure._tag === "CouldNotConnect");
  await closed.reached();
});

Deno.test("a head that does not end is given up in time", async () => {
  const begun = new Signal();
  await using server = rawServer(async (connection) => {
    await connection.request();
    await connection.write(`${head}x-slow: a`);
    begun.happened();
    await connection.closed();
  });
  const result = await afterMs(deadlineMs, asName(server), () => begun.reached());
  assert.ok(Result.isFailure(result) && result.failure._tag === "TimedOut");
});

Deno.test("a body that does not end is cut when the time is over, and its status counts", async () => {
  const begun = new Signal();
  await using server = rawServer(async (connection) => {
    await connection.request();
    await connection.write(`${head}content-length: 1000\r\n\r\nsome`);
    begun.happened();
    await connection.closed();
  });
  // Nobody sees from outside whether the client has read the head: if not, it has more turns the next time.
  for (let tries = 1;; tries++) {
    const result = await afterMs(deadlineMs, asName(server), async () => {
      await begun.reached(tries);
      for (let turn = 0; turn < tries; turn++) await new Promise(setImmediate);
    });
    if (Result.isFailure(result) && tries < 200) continue;
    assert.deepEqual(
      Result.getOrThrow(result),
      { status: 200, headers: {}, bodyStart: "some" },
    );
    return;
  }
});

Deno.test("of a body without an end only so much is read", async () => {
  const closed = new Signal();
  await using server = rawServer(async (connection) => {
    await connection.request();
    await connection.write(`${head}transfer-encoding: chunked\r\n\r\n`);
    while (await connection.write(`1000\r\n${"b".repeat(4_096)}\r\n`));
    closed.happened();
  });
  const { status, bodyStart } = await run(post(asName(server)));
  assert.deepEqual([status, bodyStart], [200, "b".repeat(outboundLimits.answerCharacters)]);
  await closed.reached();
});

const broken: Readonly<Record<string, string>> = {
  "nothing": "",
  "half a head": "HTTP/1.1 200 O",
  "no HTTP": "SSH-2.0-OpenSSH_9.9\r\n\r\n",
  "a head with a wrong line": `${head}no colon\r\n\r\n`,
  "two lengths": `${head}content-length: 1\r\ncontent-length: 2\r\n\r\nab`,
};

for (const [name, bytes] of Object.entries(broken)) {
  Deno.test(`an answer of ${name} is broken`, async () => {
    await using server = rawServer(async (connection) => {
      await connection.request();
      await connection.write(bytes);
    });
    assert.equal(await resultOf(send(asName(server))), "AnswerBroken");
  });
}

Deno.test("a head that is too long is broken, however long it goes on", async () => {
  for (const line of [`x-long: ${"c".repeat(1_000)}\r\n`, "x: y\r\n"]) {
    const closed = new Signal();
    await using server = rawServer(async (connection) => {
      await connection.request();
      await connection.write(head);
      while (await connection.write(line.repeat(20)));
      closed.happened();
    });
    assert.equal(await resultOf(send(asName(server))), "AnswerBroken");
    await closed.reached();
  }
});

Deno.test("a connection that is reset before the head is broken, and after it an answer", async () => {
  await using early = rawServer((connection) => {
    connection.reset();
    return Promise.resolve();
  });
  assert.equal(await resultOf(send(asName(early))), "AnswerBroken");
  await using late = rawServer(async (connection) => {
    await connection.request();
    await connection.write(`${head}content-length: 1000\r\n\r\nsome`);
  });
  const answer = await run(post(asName(late)));
  assert.deepEqual([answer.status, answer.bodyStart], [200, "some"]);
});

Deno.test("a change of protocols is not what was asked for", async () => {
  await using server = rawServer(async (connection) => {
    await connection.request();
    await connection.write(
      "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
    );
    await connection.closed();
  });
  assert.equal(await resultOf(send(asName(server))), "AnswerBroken");
});

Deno.test("what comes before the answer is passed over", async () => {
  await using server = rawServer(async (connection) => {
    await connection.request();
    await connection.write("HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n".repeat(3));
    await connection.write("HTTP/1.1 204 No Content\r\n\r\n");
    await connection.closed();
  });
  assert.equal(await resultOf(send(asName(server))), 204);
});

Deno.test("interrupted, it closes the connection", async () => {
  const taken = new Signal();
  const closed = new Signal();
  await using server = rawServer(async (connection) => {
    await connection.request();
    taken.happened();
    await connection.closed();
    closed.happened();
  });
  await run(Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(post(asName(server)));
    yield* Effect.promise(() => taken.reached());
    yield* Fiber.interrupt(fiber);
    yield* Effect.promise(() => closed.reached());
    assert.ok(Exit.hasInterrupts(yield* Fiber.await(fiber)));
  }));
});

Deno.test("a header that would be two is a defect, and nothing is sent", async () => {
  await using server = await httpServer();
  const headers = { "x-note": "a\r\nx-other: b" };
  const exit = await run(Effect.exit(post(asName(server), { headers })));
  assert.ok(Exit.isFailure(exit) && Exit.hasDies(exit));
  assert.deepEqual(server.received, []);
});

Deno.test("settings of proxies are not followed", async () => {
  await using proxy = await httpServer();
  await using server = await httpServer();
  const address = `http://127.0.0.1:${proxy.port}`;
  const names = ["http_proxy", "https_proxy", "all_proxy"];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--cached-only", "--allow-all"],
      new URL("send-once.ts", import.meta.url).pathname,
      `http://127.0.0.1:${server.port}/`,
    ],
    env: {
      // Deno itself would ask the proxy for a newer Deno.
      DENO_NO_UPDATE_CHECK: "1",
      NODE_USE_ENV_PROXY: "1",
      ...Object.fromEntries(
        names.flatMap((name) => [[name, address], [name.toUpperCase(), address]]),
      ),
    },
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  assert.equal(new TextDecoder().decode(stdout).trim(), "200");
  assert.deepEqual([proxy.connections.count, server.received.length], [0, 1]);
});
