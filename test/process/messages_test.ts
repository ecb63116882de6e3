/** A process that is killed, or told to end, while a mail server has a message of it in hand. */
import assert from "node:assert/strict";
import { simpleParser } from "mailparser";
import { withSmtp } from "../support/smtp.ts";
import { type EngineProcess, eventually, placeOrder, startProcess, withFolder } from "./process.ts";

type Done = (error?: Error | null) => void;

/** What the mail server does with what it is asked. */
interface Held {
  /** The ids of messages that it has, answered or not. */
  readonly taken: string[];
  /** Answers that it keeps to itself, to a recipient and to a message. */
  readonly answers: Done[];
  holds: "recipients" | "messages" | "nothing";
}

const withHeldMail = (work: (port: number, held: Held) => Promise<void>): Promise<void> => {
  const held: Held = { taken: [], answers: [], holds: "nothing" };
  return withSmtp({
    onRcptTo: (_, __, done) => {
      if (held.holds === "recipients") held.answers.push(done);
      else done();
    },
    onData: (stream, _, done) =>
      void simpleParser(stream).then(({ messageId = "" }) => {
        held.taken.push(messageId);
        if (held.holds === "messages") held.answers.push(done);
        else done();
      }, done),
  }, (port) => work(port, held));
};

const start = (cwd: string, port: number): Promise<EngineProcess> =>
  startProcess({
    cwd,
    env: {
      ALLOT_SMTP_URL: `smtp://127.0.0.1:${port}`,
      ALLOT_MAIL_FROM: "Nordlicht <orders@nord.example>",
    },
  });

const place = async (engine: EngineProcess, name: string): Promise<string> => {
  const { status, body } = await placeOrder(engine, name, { mug: 1 }, {
    ...{ onShortage: "hold", customer: { name: "Ada", email: "ada@customer.example" } },
  });
  assert.equal(status, 201);
  return String(body.id);
};

/** What became of the one message of an order, once that is known. */
const outcomeOf = (engine: EngineProcess, id: string): Promise<string> =>
  eventually("the message is settled", async () => {
    const { body } = await engine.ask(`/v1/orders/${id}/messages`);
    const outcome = String(body.data[0]?.outcome ?? "");
    return ["", "waiting", "sending"].includes(outcome) ? null : outcome;
  });

const held = (what: Held) => eventually("it is held", () => what.answers.length > 0 || null);

Deno.test("killed while the mail server has a message, a process leaves it ambiguous, and sends what it had not begun", () =>
  withFolder((cwd) =>
    withHeldMail(async (port, mail) => {
      const ids: string[] = [];
      {
        await using engine = await start(cwd, port);
        mail.holds = "messages";
        ids.push(await place(engine, "one"));
        await held(mail);
        mail.answers.length = 0;
        mail.holds = "recipients";
        ids.push(await place(engine, "two"));
        await held(mail);
        engine.signal("SIGKILL");
        await engine.ended;
      }
      mail.holds = "nothing";
      await using engine = await start(cwd, port);
      const outcomes = await Promise.all(ids.map((id) => outcomeOf(engine, id)));
      assert.deepEqual(outcomes, ["ambiguous", "sent"]);
      assert.deepEqual(mail.taken, ids.map((id) => `<${id}.order_received@nord.example>`));
    })
  ));

Deno.test("told to end, a process waits for the mail server's answer", () =>
  withFolder((cwd) =>
    withHeldMail(async (port, mail) => {
      let id = "";
      {
        await using engine = await start(cwd, port);
        mail.holds = "messages";
        id = await place(engine, "one");
        await held(mail);
        engine.signal("SIGTERM");
        // It listens no more: it is about to end.
        await eventually("it ends", () => engine.ask("/healthz").then(() => null, () => true));
        for (const done of mail.answers) done();
        assert.equal(await engine.ended, 0);
      }
      await using engine = await start(cwd, port);
      assert.equal(await outcomeOf(engine, id), "sent");
      assert.equal(mail.taken.length, 1);
    })
  ));
