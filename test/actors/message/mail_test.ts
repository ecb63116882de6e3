/** Mail against a real SMTP server, read back by another's parser. */
import assert from "node:assert/strict";
import { Effect, Result } from "effect";
import fc from "fast-check";
import type { SMTPServerOptions } from "smtp-server";
import { type MailOutcome, makeMail, type OutgoingMail } from "../../../actors/message/mail.ts";
import {
  isMailAddress,
  mailboxIn,
  mailServerIn,
  type MailSettings,
  readMailSettings,
} from "../../../actors/message/mail-settings.ts";
import { authority, bazaar, shop } from "../../support/certificates.ts";
import { cutAll, mailSettingsFor, reply, withSmtp } from "../../support/smtp.ts";

const message: OutgoingMail = {
  messageId: "<ord_1.shipped.shp_1@nord.example>",
  to: { name: "Mira Öztürk", address: "mira@customer.example" },
  ...{ subject: "Ihre Bestellung 10482 ist unterwegs", language: "de" },
  ...{ html: "<p>Größe: 40 × 28</p>\n.\n<p>Ende</p>", text: "Größe: 40 × 28\n.\nEnde\n" },
};

const send = (settings: MailSettings, ...messages: readonly OutgoingMail[]) =>
  Effect.runPromise(
    Effect.scoped(Effect.gen(function* () {
      const mail = yield* makeMail(settings);
      return yield* Effect.forEach(messages, (each) => mail.send(each, Effect.succeed(true)));
    })),
  );

const sendOne = async (settings: MailSettings, more: Partial<OutgoingMail> = {}) => {
  const [outcome] = await send(settings, { ...message, ...more });
  assert.ok(outcome !== undefined);
  return outcome;
};

Deno.test("a message arrives as it was made, with its id, and says that a machine sent it", () =>
  withSmtp({}, async (port, received) => {
    assert.equal((await sendOne(mailSettingsFor(port)))._tag, "Sent");
    const [{ to, from, mail } = assert.fail()] = received;
    assert.deepEqual([from, ...to], ["orders@nord.example", "mira@customer.example"]);
    assert.equal(mail.messageId, message.messageId);
    assert.equal(mail.subject, message.subject);
    assert.equal(mail.headers.get("auto-submitted"), "auto-generated");
    assert.equal(mail.headers.get("content-language"), "de");
    assert.deepEqual(mail.from?.value, [mailSettingsFor(port).from]);
    assert.deepEqual([mail.to].flat()[0]?.value, [message.to]);
    assert.equal(mail.text, message.text);
    assert.equal(mail.html, `${message.html}`);
  }));

Deno.test("one connection carries message after message", async () => {
  let connections = 0;
  await withSmtp({
    onConnect: (_, done) => {
      connections++;
      done();
    },
  }, async (port, received) => {
    const many = Array.from({ length: 5 }, (_, n) => ({
      ...message,
      messageId: `<m${n}@nord.example>`,
    }));
    const outcomes = await send(mailSettingsFor(port), ...many);
    assert.deepEqual(outcomes.map(({ _tag }) => _tag), Array(5).fill("Sent"));
    assert.equal(received.length, 5);
  });
  assert.equal(connections, 1);
});

Deno.test("in staging everything goes to one address", () =>
  withSmtp({}, async (port, received) => {
    const redirect = "staging@nord.example";
    assert.equal((await sendOne(mailSettingsFor(port, { redirect })))._tag, "Sent");
    assert.deepEqual(received[0]?.to, [redirect]);
    const { mail } = received[0] ?? assert.fail();
    assert.ok(!JSON.stringify([mail.headerLines, mail.text]).includes("mira@customer.example"));
  }));

/** Answers at each step of the conversation, and what they mean. */
const answers: readonly (readonly [string, SMTPServerOptions, MailOutcome["_tag"]])[] = [
  ["451 at RCPT", { onRcptTo: (_, __, done) => done(reply(451, "greylisted")) }, "Retry"],
  ["550 at RCPT", { onRcptTo: (_, __, done) => done(reply(550, "no such user")) }, "Rejected"],
  ["452 at MAIL", { onMailFrom: (_, __, done) => done(reply(452, "no space")) }, "Retry"],
  ["553 at MAIL", { onMailFrom: (_, __, done) => done(reply(553, "not you")) }, "Rejected"],
  ["421 at the greeting", { onConnect: (_, done) => done(reply(421, "busy")) }, "Retry"],
  ["554 at the greeting", { onConnect: (_, done) => done(reply(554, "go away")) }, "Retry"],
  ["451 after the data", {
    onData: (stream, _, done) => void stream.resume().on("end", () => done(reply(451, "later"))),
  }, "Retry"],
  ["554 after the data", {
    onData: (stream, _, done) => void stream.resume().on("end", () => done(reply(554, "spam"))),
  }, "Rejected"],
];

for (const [what, options, wanted] of answers) {
  Deno.test(`${what} is ${wanted}`, () =>
    withSmtp(options, async (port) => {
      const outcome = await sendOne(mailSettingsFor(port));
      assert.equal(outcome._tag, wanted, JSON.stringify(outcome));
    }));
}

Deno.test("a connection that ends after the data leaves it unclear, and nothing is sent twice", async () => {
  let taken = 0;
  let cut = () => {};
  await withSmtp({
    onData: (stream) =>
      void stream.resume().on("end", () => {
        taken++;
        // The server has it, and its answer is lost.
        cut();
      }),
  }, async (port, _, server) => {
    cut = () => cutAll(server);
    const outcome = await sendOne(mailSettingsFor(port));
    assert.equal(outcome._tag, "Ambiguous", JSON.stringify(outcome));
  });
  assert.equal(taken, 1);
});

Deno.test("a connection that ends before the data was asked for is tried again", async () => {
  let cut = () => {};
  await withSmtp({ onRcptTo: () => cut() }, async (port, received, server) => {
    cut = () => cutAll(server);
    assert.equal((await sendOne(mailSettingsFor(port)))._tag, "Retry");
    assert.equal(received.length, 0);
  });
});

Deno.test("a message that is kept back when the server asks for it has not gone, and no other waits for it", () =>
  withSmtp({}, async (port, received) => {
    const asked: string[] = [];
    const outcomes = await Effect.runPromise(Effect.scoped(Effect.gen(function* () {
      const mail = yield* makeMail(mailSettingsFor(port));
      const sent = (mayGo: boolean) =>
        mail.send(
          message,
          Effect.sync(() => {
            asked.push(`${mayGo} with ${received.length} received`);
            return mayGo;
          }),
        );
      return [yield* sent(false), yield* sent(true)];
    })));
    assert.deepEqual(outcomes.map(({ _tag }) => _tag), ["Retry", "Sent"]);
    assert.deepEqual(asked, ["false with 0 received", "true with 0 received"]);
    assert.equal(received.length, 1);
  }));

Deno.test("a refused recipient is never handed over, so that nobody need ask what became of it", () =>
  withSmtp({ onRcptTo: (_, __, done) => done(reply(450, "greylisted")) }, async (port) => {
    const outcome = await Effect.runPromise(Effect.scoped(Effect.gen(function* () {
      const mail = yield* makeMail(mailSettingsFor(port));
      return yield* mail.send(message, Effect.die("it was handed over"));
    })));
    assert.ok(outcome._tag === "Retry" && outcome.isThere, JSON.stringify(outcome));
  }));

Deno.test("where nobody listens, it is tried again", async () => {
  let free = 0;
  await withSmtp({}, (port) => Promise.resolve(void (free = port)));
  assert.equal((await sendOne(mailSettingsFor(free)))._tag, "Retry");
});

Deno.test("a wrong password is no fault of the message", () =>
  withSmtp({
    ...{ authOptional: false, allowInsecureAuth: true },
    onAuth: (_, __, done) => done(new Error("Invalid username or password")),
  }, async (port, received) => {
    const { server } = mailSettingsFor(port);
    const auth = { user: "allot", pass: "wrong" };
    const outcome = await sendOne(mailSettingsFor(port, { server: { ...server, auth } }));
    assert.equal(outcome._tag, "Retry", JSON.stringify(outcome));
    assert.ok(!JSON.stringify(outcome).includes("wrong"));
    assert.equal(received.length, 0);
  }));

const overTls = (port: number, servername = "shop.example"): MailSettings => {
  const { server } = mailSettingsFor(port);
  const tls = { ca: authority, servername };
  return mailSettingsFor(port, { server: { ...server, tls, requireTLS: true, ignoreTLS: false } });
};

Deno.test("beyond loopback nothing is sent before STARTTLS, and only to whom the certificate names", async () => {
  let secured = 0;
  const onMailFrom: SMTPServerOptions["onMailFrom"] = (_, { secure }, done) => {
    if (secure) secured++;
    done();
  };
  await withSmtp({ ...shop, hideSTARTTLS: false, onMailFrom }, async (port, received) => {
    assert.equal((await sendOne(overTls(port)))._tag, "Sent");
    assert.deepEqual([received.length, secured], [1, 1]);
  });
  await withSmtp({ ...bazaar, hideSTARTTLS: false }, async (port, received) => {
    assert.equal((await sendOne(overTls(port)))._tag, "Retry");
    assert.equal(received.length, 0);
  });
  await withSmtp({ disabledCommands: ["STARTTLS"] }, async (port, received) => {
    assert.equal((await sendOne(overTls(port)))._tag, "Retry");
    assert.equal(received.length, 0);
  });
});

const breaks = fc.constantFrom(
  "\r\n",
  "\n",
  "\r",
  "\u2028",
  "\0",
  "\r\nBcc: eve@evil.example\r\n\r\n",
);
const hostile = fc.array(fc.oneof(fc.string({ unit: "grapheme" }), breaks), { maxLength: 6 })
  .map((texts) => `x${texts.join("")}`);

Deno.test("no text of an order makes another header, another recipient or another message", () =>
  withSmtp({}, async (port, received) => {
    const settings = mailSettingsFor(port);
    await fc.assert(
      fc.asyncProperty(hostile, hostile, async (name, subject) => {
        received.length = 0;
        const outcome = await sendOne(settings, { to: { ...message.to, name }, subject });
        assert.equal(outcome._tag, "Sent", JSON.stringify(outcome));
        const [{ to, mail } = assert.fail(), ...more] = received;
        assert.equal(more.length, 0);
        assert.deepEqual(to, ["mira@customer.example"]);
        assert.deepEqual(mail.headerLines.map(({ key }) => key).sort(), [
          "auto-submitted",
          "content-language",
          "content-type",
          "date",
          "from",
          "message-id",
          "mime-version",
          "subject",
          "to",
        ]);
        assert.equal(mail.text, message.text);
      }),
      { numRuns: 25 },
    );
    received.length = 0;
    for (
      const address of [
        "a@b.example, c@d.example",
        "a@b.example\r\nBcc: c@d.example",
        "Group: a@b.example;",
        "<a@b.example> SIZE=1",
        "nobody",
        "",
        `${"a".repeat(250)}@b.example`,
      ]
    ) {
      const outcome = await sendOne(settings, { to: { name: "x", address } });
      assert.equal(outcome._tag, "Rejected", address);
    }
    assert.equal(received.length, 0);
  }));

Deno.test("what a server answers is kept without addresses", () =>
  withSmtp({
    onRcptTo: ({ address }, _, done) => done(reply(550, `<${address}>: no such user here`)),
  }, async (port) => {
    const outcome = await sendOne(mailSettingsFor(port));
    assert.ok(outcome._tag === "Rejected");
    assert.match(outcome.reason, /no such user here/);
    assert.ok(!outcome.reason.includes("mira"), outcome.reason);
  }));

Deno.test("settings are read, and those that are wrong are named without their values", () => {
  assert.deepEqual(mailServerIn("smtp://mail.example"), {
    ...{ host: "mail.example", secure: false, port: 587, requireTLS: true, ignoreTLS: false },
  });
  assert.deepEqual(mailServerIn("smtps://a%40b:p%2Fw@mail.example"), {
    ...{ host: "mail.example", secure: true, port: 465, requireTLS: false, ignoreTLS: false },
    auth: { user: "a@b", pass: "p/w" },
  });
  for (const host of ["localhost", "127.0.0.1", "127.8.9.1", "[::1]"]) {
    const server = mailServerIn(`smtp://${host}:25`);
    assert.deepEqual([server?.requireTLS, server?.ignoreTLS], [false, true], host);
  }
  for (const host of ["127.0.0.1.evil.example", "10.0.0.1", "localhost.evil.example"]) {
    assert.equal(mailServerIn(`smtp://${host}`)?.requireTLS, true, host);
  }
  for (
    const url of ["", "mail.example", "http://mail.example", "smtp://", "smtp://a/b", "smtp://a?b"]
  ) {
    assert.equal(mailServerIn(url), null, url);
  }
  assert.deepEqual(mailboxIn('"Nord, Co" <a@b.example>'), {
    name: "Nord, Co",
    address: "a@b.example",
  });
  assert.deepEqual(mailboxIn("Nord <a@b.example>"), { name: "Nord", address: "a@b.example" });
  assert.deepEqual(mailboxIn("a@b.example"), { name: "", address: "a@b.example" });
  for (const none of ["", "Nord", "Nord <>", "a@b, c@d", "<a@b.example> x"]) {
    assert.equal(mailboxIn(none), null, none);
  }
  assert.ok(isMailAddress("jörg+x@müller.example"));
  const wrong = readMailSettings({ url: "smtp:secret", from: "a@b.example" });
  assert.ok(Result.isFailure(wrong));
  assert.match(wrong.failure, /^ALLOT_SMTP_URL must/);
  assert.ok(!wrong.failure.includes("secret"));
});
