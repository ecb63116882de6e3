/** Templates of messages over HTTP. */
import assert from "node:assert/strict";
import { adminKey } from "../support/server.ts";
import { shippedLanguages } from "../../src/message/shipped.ts";
import { messageKinds } from "../../src/messages.ts";
import { Stage } from "./generated/stage.ts";

const path = "/v1/messages/templates/shipped/de-AT";

type Json = Readonly<Record<string, unknown>>;

const withStage = async (work: (stage: Stage) => Promise<void>) => {
  const stage = await Stage.set();
  try {
    await work(stage);
  } finally {
    await stage.close();
  }
};

const raw = async (
  stage: Stage,
  method: string,
  at: string,
  json?: unknown,
  headers: Readonly<Record<string, string>> = {},
) => {
  const response = await stage.server.fetch(
    new Request(`http://allot${at}`, {
      method,
      headers: {
        authorization: `Bearer ${adminKey}`,
        ...(json === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    }),
  );
  const text = await response.text();
  const body = (text === "" ? {} : JSON.parse(text)) as Json;
  return { status: response.status, etag: response.headers.get("etag"), body };
};

Deno.test("a template is saved, shown, used in place of the shipped one, and taken back", () =>
  withStage(async (stage) => {
    const preview = async () => (await raw(stage, "POST", `${path}/preview`, {})).body;
    assert.equal((await raw(stage, "GET", path)).status, 404);
    assert.deepEqual([(await preview())["source"], (await preview())["language"]], [
      "shipped",
      "de",
    ]);
    const template = {
      subject: "Servus {{ customer.name }}",
      html: "<p>{{ shipment.carrier }}</p>",
    };
    const made = await raw(stage, "PUT", path, template);
    assert.deepEqual([made.status, made.etag], [201, '"1"']);
    assert.equal((await raw(stage, "PUT", path, template)).status, 200);
    assert.deepEqual((await raw(stage, "GET", path)).body, {
      ...{ kind: "shipped", language: "de-AT", source: "saved", version: 1 },
      ...template,
    });
    assert.deepEqual(await preview(), {
      ...{ language: "de-AT", source: "saved", subject: "Servus Mira Öztürk" },
      ...{ html: "<p>DHL</p>", text: "DHL\n" },
    });
    const listed = (await raw(stage, "GET", "/v1/messages/templates")).body["data"] as Json[];
    // One is saved beside those that come with Allot.
    assert.equal(listed.length, messageKinds.length * shippedLanguages.length + 1);
    assert.equal(listed.find((each) => each["language"] === "de-AT")?.["source"], "saved");
    assert.equal((await raw(stage, "DELETE", path)).status, 204);
    assert.equal((await raw(stage, "DELETE", path)).status, 404);
    assert.equal((await preview())["source"], "shipped");
    const shipped = await raw(stage, "GET", "/v1/messages/templates/shipped/de");
    assert.deepEqual([shipped.status, shipped.body["source"], shipped.etag], [
      200,
      "shipped",
      '"0"',
    ]);
  }));

Deno.test("who changes the shipped template as it was seen does not undo what somebody saved since", () =>
  withStage(async (stage) => {
    const at = "/v1/messages/templates/shipped/de";
    const template = { subject: "Unterwegs", html: "<p>Unterwegs</p>" };
    const standing = (tag: string) => raw(stage, "PUT", at, template, { "if-match": tag });
    assert.deepEqual([(await standing('"0"')).status, (await standing('"0"')).status], [201, 412]);
    assert.equal((await standing('"1"')).status, 200);
    const nowhere = await raw(stage, "PUT", path, template, { "if-match": '"0"' });
    assert.equal(nowhere.status, 412);
  }));

Deno.test("a bad template is refused with the place of each fault, and so is one that is tried", () =>
  withStage(async (stage) => {
    const bad = { subject: "{{ order.number", html: "<p>\n  {{ order.nmber }}</p>" };
    const { status, body } = await raw(stage, "PUT", path, bad);
    assert.deepEqual([status, body["type"]], [422, "/problems/template-invalid"]);
    assert.deepEqual((body["errors"] as Json[]).map((each) => each["pointer"]), ["/subject"]);
    const next = await raw(stage, "PUT", path, { ...bad, subject: "s" });
    assert.deepEqual(next.body["errors"], [{
      ...{ pointer: "/html", line: 2, column: 6 },
      detail: "undefined variable: order.nmber, in line 2, column 6",
    }]);
    const tried = await raw(stage, "POST", `${path}/preview`, { template: bad });
    assert.equal(tried.status, 422);
    assert.equal((tried.body["errors"] as Json[])[0]?.["pointer"], "/template/subject");
    assert.equal((await raw(stage, "GET", path)).status, 404);
    const disk = { subject: "s", html: "{% include '/etc/passwd' %}" };
    assert.equal((await raw(stage, "PUT", path, disk)).status, 422);
    const large = { subject: "s", html: "😀".repeat(13_000) };
    assert.equal((await raw(stage, "PUT", path, large)).body["type"], "/problems/too-large");
    for (const elsewhere of ["/shipped/deutsch", "/unheard/de", "/shipped/DE"]) {
      const answer = await raw(stage, "PUT", `/v1/messages/templates${elsewhere}`, disk);
      assert.equal(answer.body["type"], "/problems/invalid-request", elsewhere);
    }
  }));

Deno.test("a preview of an order shows that order, and says when there is nothing to say", () =>
  withStage(async (stage) => {
    const order = await stage.freshOrder({ channel: "web", locationId: "ams" });
    const { body: shown } = await raw(stage, "GET", `/v1/orders/${order.id}`);
    const at = (kind: string) => `/v1/messages/templates/${kind}/en-GB/preview`;
    const { status, body } = await raw(stage, "POST", at("order_received"), { orderId: order.id });
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(body["language"], "en");
    assert.ok(String(body["subject"]).includes(String(shown["externalId"])));
    const { status: none, body: problem } = await raw(stage, "POST", at("shipped"), {
      orderId: order.id,
    });
    assert.equal(none, 422);
    assert.equal((problem["errors"] as Json[])[0]?.["pointer"], "/orderId");
    assert.equal((await raw(stage, "POST", at("shipped"), { orderId: "ord_none" })).status, 404);
  }));
