/** Templates: what is in the shipped ones, what nobody can do with one, and how faults are told. */
import assert from "node:assert/strict";
import { Result } from "effect";
import fc from "fast-check";
import { messageLimits } from "../../src/message/limits.ts";
import { messageModelOf } from "../../src/message/model.ts";
import {
  parseTemplate,
  type PartFault,
  type RenderedMessage,
  renderMessage,
  renderStrictly,
  type TemplateParts,
} from "../../src/message/render.ts";
import { sampleModel } from "../../src/message/sample.ts";
import { shippedLanguages } from "../../src/message/shipped.ts";
import { chooseTemplate, type MessageTemplate, templateIn } from "../../src/message/template.ts";
import { messageKinds } from "../../src/messages.ts";
import { at, contact, order, shipment } from "./fixture.ts";

const none = () => null;
const kind = "shipped";

const model = sampleModel({ kind, language: "de" }, "Nord");

const render = (
  parts: Partial<TemplateParts>,
  by = renderMessage,
  about = model,
): Result.Result<RenderedMessage, readonly PartFault[]> =>
  Result.flatMap(
    parseTemplate({ subject: "s", html: "h", ...parts }),
    (parsed) => Result.mapError(by(parsed, about, "UTC"), (fault) => [fault]),
  );

const html = (source: string, by = renderMessage): string =>
  Result.getOrThrow(render({ html: source }, by)).html;

const faults = (parts: Partial<TemplateParts>, by = renderMessage) => {
  const rendered = render(parts, by);
  return Result.isFailure(rendered) ? rendered.failure : [];
};

Deno.test("every kind has a template in every language that comes with it, each in its own words", () => {
  assert.deepEqual(shippedLanguages, ["en", "de"]);
  const subjects = new Set<string>();
  for (const language of shippedLanguages) {
    for (const { name, sample = {} } of messageKinds) {
      const chosen = templateIn({ kind: name, language }, none);
      assert.ok(chosen !== null, `${name} in ${language}`);
      const parsed = Result.getOrThrow(parseTemplate(chosen.parts));
      const about = sampleModel({ kind: name, language }, "Müller & Töchter", sample);
      const { subject, html, text } = Result.getOrThrow(renderStrictly(parsed, about, "UTC"));
      subjects.add(subject);
      assert.match(subject, /10482/);
      assert.match(html, new RegExp(`<html lang="${language}"`));
      assert.match(html, /Müller &amp; Töchter/);
      for (const each of [html, text]) assert.match(each, /Stoneware mug, blue/);
      assert.match(text, /Müller & Töchter/);
      assert.doesNotMatch(text, /<|&amp;|&#/);
      assert.doesNotMatch(html, /&amp;amp;|&amp;#|<script|\ssrc=|url\(/);
    }
  }
  assert.equal(subjects.size, messageKinds.length * shippedLanguages.length);
});

Deno.test("the template of the nearest language is taken, a saved one before the one that was shipped", () => {
  const saved = new Map<string, MessageTemplate>();
  const save = (language: string) => {
    const parts = { subject: language, html: "h", kind, language };
    saved.set(`${kind}:${language}`, { ...parts, createdAt: at, updatedAt: at, version: 1 });
  };
  const chosen = (language: string) => {
    const found = chooseTemplate({ kind, language }, (id) => saved.get(id) ?? null);
    return `${found?.source} ${found?.language}`;
  };
  assert.deepEqual(["de-AT", "de", "fr", "en-GB"].map(chosen), [
    "shipped de",
    "shipped de",
    "shipped en",
    "shipped en",
  ]);
  save("en");
  save("fr");
  assert.deepEqual(["de-AT", "fr-BE", "nl"].map(chosen), ["shipped de", "saved fr", "saved en"]);
  save("de-AT");
  assert.deepEqual(["de-AT", "de-CH"].map(chosen), ["saved de-AT", "shipped de"]);
  assert.equal(chooseTemplate({ kind: "unheard", language: "en" }, none), null);
});

Deno.test("whatever an order says comes out escaped, by every way there is to put it out", () => {
  const ways = [
    "{{ customer.name }}",
    "{{ customer.name | escape }}",
    "{% echo customer.name %}",
    "{% liquid echo customer.name %}",
    "{% cycle customer.name, 'b' %}",
    "{% capture a %}{{ customer.name }}{% endcapture %}{{ a }}",
    "{% assign a = customer.name | append: '' %}{{ a }}",
    "{% render 'paragraph', text: customer.name %}",
    "{{ lines | map: 'name' | join: customer.name }}",
    "{{ lines | json }}{{ customer.name }}",
    "{% for n in names %}{{ n }}{% endfor %}",
    "{% tablerow n in names %}{{ n }}{% endtablerow %}",
    "{{ customer.name | url_encode | url_decode | newline_to_br }}",
    "{{ customer.name | default: 'x' | strip | split: '!' | first }}",
  ];
  fc.assert(fc.property(
    fc.string().map((text) => `<script>${text}"'`),
    fc.constantFrom(...ways),
    (name, way) => {
      const about = { ...model, customer: { name }, names: [name] };
      const rendered = render({ html: way }, renderMessage, about);
      const out = Result.isSuccess(rendered) ? rendered.success.html : "";
      assert.ok(!out.includes("<script"), `${way} makes ${out}`);
      assert.match(out, /&lt;script|%3Cscript/i, way);
    },
  ));
  assert.equal(
    html("{% capture a %}{{ lines[0].name | append: '&' }}{% endcapture %}{{ a }}"),
    "Stoneware mug, blue&amp;",
  );
});

Deno.test("a subject stays one line, however the order's texts break it", () => {
  fc.assert(fc.property(
    fc.array(fc.oneof(fc.string(), fc.constantFrom("\r\n", "\n", "\u2028", "\0", "\u0085"))),
    (texts) => {
      const about = { ...model, customer: { name: texts.join("") } };
      const rendered = render({ subject: "x{{ customer.name }}" }, renderMessage, about);
      const { subject } = Result.getOrThrow(rendered);
      // deno-lint-ignore no-control-regex
      assert.doesNotMatch(subject, /[\u0000-\u001f\u007f\u0085\u2028\u2029]/);
      assert.ok([...subject].length <= messageLimits.renderedSubjectLength);
    },
  ));
});

Deno.test("nothing comes from a disk, from prototypes, or unescaped", () => {
  for (const path of ["/etc/passwd", "../../deno.json", "deno.json", "file:///etc/passwd"]) {
    for (const tag of ["include", "render", "layout"]) {
      const [fault] = faults({ html: `{% ${tag} '${path}' %}` });
      assert.match(fault?.detail ?? "", /^there is no partial/, `${tag} ${path}`);
    }
  }
  for (const member of ["constructor", "__proto__", "toString", "constructor.constructor"]) {
    assert.equal(html(`{{ order.${member} }}{{ lines.${member} }}{{ ${member} }}`), "", member);
  }
  assert.match(faults({ html: "{{ customer.name | raw }}" })[0]?.detail ?? "", /raw/);
  assert.match(faults({ html: "{% raw %}{% endraw %}" })[0]?.detail ?? "", /raw/);
});

Deno.test("a template that would take long or make much is stopped", () => {
  const greedy = [
    "{% for a in (1..100000000) %}x{% endfor %}",
    "{% for a in (1..9999) %}{% for b in (1..9999) %}{% for c in (1..9999) %}{% endfor %}{% endfor %}{% endfor %}",
    `{% assign a = "${"x".repeat(100)}" %}${"{% assign a = a | append: a %}".repeat(40)}{{ a }}`,
    "{% include 'paragraph' %}".repeat(5_000),
  ];
  for (const source of greedy) {
    const [fault] = faults({ html: source });
    assert.match(fault?.detail ?? "", /limit|too long/, source.slice(0, 60));
  }
});

Deno.test("a fault says its part, its line and its column", () => {
  const all = faults({
    subject: "{{ order.number",
    html: "<p>\n  {% if order %}\n</p>",
    text: "\n\n{{ order.number | shout }}",
  });
  assert.deepEqual(all.map(({ part, line, column }) => [part, line, column]), [
    ["subject", 1, 1],
    ["html", 2, 3],
    ["text", 3, 1],
  ]);
  assert.deepEqual(faults({ html: "a\n{{ shipment.trakingNumber }}" }, renderStrictly), [{
    ...{ part: "html", line: 2, column: 4 },
    detail: "undefined variable: shipment.trakingNumber",
  }]);
  assert.equal(html("a{{ shipment.trakingNumber }}"), "a", "when it is sent, it says nothing");
  const [inPartial] = faults({ html: "{% render 'fact' %}" }, renderStrictly);
  assert.match(inPartial?.detail ?? "", /label, in the partial "fact"$/);
  assert.match(faults({ html: "{{ 'now' | date }}" })[0]?.detail ?? "", /^date is for times/);
  assert.match(faults({ subject: "{% if false %}x{% endif %}" })[0]?.detail ?? "", /empty subject/);
});

Deno.test("money and times are written as the language has them", () => {
  const written = (source: string, language: string) => {
    const about = { ...model, language };
    return Result.getOrThrow(render({ subject: source }, renderMessage, about)).subject
      .replaceAll("\u202f", " ");
  };
  assert.equal(written("{{ order.totals.discount | money }}", "en"), "−€8.00");
  assert.equal(written("{{ order.totals.total | money }}", "de"), "76,40 €");
  assert.equal(written("{{ order.placedAt | date }}", "de"), "2. März 2026");
  assert.equal(written('{{ order.placedAt | date: "short" }}', "en-GB"), "02/03/2026");
  assert.equal(written("{{ order.shippingAddress.country | country }}", "fr"), "Allemagne");
});

Deno.test("without a text of its own, a message gets the text of its HTML", () => {
  const source = templateIn({ kind: "order_received", language: "en" }, none)?.parts.html ?? "";
  const { text } = Result.getOrThrow(render({ html: source }));
  assert.match(text, /^Subtotal 78,00\s€$/m);
  assert.match(text, /^2 × Stoneware mug, blue$/m);
  assert.equal(text.match(/getting it ready/g)?.length, 1, "the list's preview is not repeated");
  const linked = Result.getOrThrow(render({ html: '<a href="https://shop.example/x">See</a>' }));
  assert.match(linked.text, /See \[https:\/\/shop\.example\/x\]/);
});

Deno.test("no template can show what is the customer's alone or the shop's", () => {
  const about = messageModelOf(
    {
      state: order({
        ...{ metadata: { margin: "secret-margin" }, cancelReason: "secret-fraud" },
        ...{ customerId: "secret-customer", shipments: [shipment] },
        holds: [{ code: "fraud", reason: "secret-hold", at, by: "key_secret", blocks: "all" }],
      }),
      personal: contact,
    },
    { kind, language: "en", topic: { lines: shipment.lines, shipment } },
    { shopName: "Nord", itemName: (sku) => sku, location: () => null },
  );
  const everything = JSON.stringify(about);
  for (const secret of ["secret", "ada@example.com", "+31 20", "neighbor"]) {
    assert.ok(!everything.includes(secret), secret);
  }
  assert.deepEqual(about.lines, [{
    ...{ sku: "sku-1", name: "sku-1", quantity: 1 },
    unitPrice: { amount: "14.50", currency: "EUR" },
    amount: { amount: "14.50", currency: "EUR" },
  }]);
  const chosen = chooseTemplate({ kind, language: "en" }, none);
  const parsed = Result.getOrThrow(parseTemplate(chosen?.parts ?? { subject: "", html: "" }));
  const sent = Result.getOrThrow(renderStrictly(parsed, about, "UTC"));
  assert.match(sent.html, /Hello Ada &lt;b&gt;,/);
  assert.match(sent.text, /Hello Ada <b>,/);
});
