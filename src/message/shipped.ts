/** The templates that come with Allot, and the parts that any template may use. */
import deBackordered from "./templates/de/backordered.liquid" with { type: "text" };
import deCancelled from "./templates/de/cancelled.liquid" with { type: "text" };
import deDelivered from "./templates/de/delivered.liquid" with { type: "text" };
import deExchanged from "./templates/de/exchanged.liquid" with { type: "text" };
import deOrderReceived from "./templates/de/order_received.liquid" with { type: "text" };
import deReadyForPickup from "./templates/de/ready_for_pickup.liquid" with { type: "text" };
import deRefunded from "./templates/de/refunded.liquid" with { type: "text" };
import deReturnAuthorized from "./templates/de/return_authorized.liquid" with { type: "text" };
import deReturnClosed from "./templates/de/return_closed.liquid" with { type: "text" };
import deReturnReceived from "./templates/de/return_received.liquid" with { type: "text" };
import deShipped from "./templates/de/shipped.liquid" with { type: "text" };
import enBackordered from "./templates/en/backordered.liquid" with { type: "text" };
import enCancelled from "./templates/en/cancelled.liquid" with { type: "text" };
import enDelivered from "./templates/en/delivered.liquid" with { type: "text" };
import enExchanged from "./templates/en/exchanged.liquid" with { type: "text" };
import enOrderReceived from "./templates/en/order_received.liquid" with { type: "text" };
import enReadyForPickup from "./templates/en/ready_for_pickup.liquid" with { type: "text" };
import enRefunded from "./templates/en/refunded.liquid" with { type: "text" };
import enReturnAuthorized from "./templates/en/return_authorized.liquid" with { type: "text" };
import enReturnClosed from "./templates/en/return_closed.liquid" with { type: "text" };
import enReturnReceived from "./templates/en/return_received.liquid" with { type: "text" };
import enShipped from "./templates/en/shipped.liquid" with { type: "text" };
import addressHtml from "./templates/parts/address.html.liquid" with { type: "text" };
import addressText from "./templates/parts/address.text.liquid" with { type: "text" };
import factHtml from "./templates/parts/fact.html.liquid" with { type: "text" };
import linesHtml from "./templates/parts/lines.html.liquid" with { type: "text" };
import linesText from "./templates/parts/lines.text.liquid" with { type: "text" };
import mailHtml from "./templates/parts/mail.html.liquid" with { type: "text" };
import paragraphHtml from "./templates/parts/paragraph.html.liquid" with { type: "text" };
import totalHtml from "./templates/parts/total.html.liquid" with { type: "text" };
import totalsHtml from "./templates/parts/totals.html.liquid" with { type: "text" };
import totalsText from "./templates/parts/totals.text.liquid" with { type: "text" };
import { lastLanguage } from "./language.ts";
import type { TemplateParts } from "./render.ts";
import type { TemplateName } from "./template.ts";

const shipped: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  en: {
    order_received: enOrderReceived,
    backordered: enBackordered,
    shipped: enShipped,
    ready_for_pickup: enReadyForPickup,
    delivered: enDelivered,
    cancelled: enCancelled,
    return_received: enReturnReceived,
    return_closed: enReturnClosed,
    return_authorized: enReturnAuthorized,
    exchanged: enExchanged,
    refunded: enRefunded,
  },
  de: {
    order_received: deOrderReceived,
    backordered: deBackordered,
    shipped: deShipped,
    ready_for_pickup: deReadyForPickup,
    delivered: deDelivered,
    cancelled: deCancelled,
    return_received: deReturnReceived,
    return_closed: deReturnClosed,
    return_authorized: deReturnAuthorized,
    exchanged: deExchanged,
    refunded: deRefunded,
  },
};

/** Those of HTML and of plain text have the same names, where both have them. */
const parts = {
  html: {
    address: addressHtml,
    fact: factHtml,
    lines: linesHtml,
    mail: mailHtml,
    paragraph: paragraphHtml,
    total: totalHtml,
    totals: totalsHtml,
  },
  text: { address: addressText, lines: linesText, totals: totalsText },
};

/** What templates ask for with `render` and `layout`, by name. There is nothing beside it. */
export const partials = (form: keyof typeof parts): Record<string, string> => ({ ...parts[form] });

/** A file has the subject, the HTML and the text, with these lines between them. */
const between = /\n=== (?:html|text)\n/;

/** Throws TypeError for a file that has not exactly these three. */
const partsIn = (file: string): TemplateParts => {
  const [subject, html, text, more] = file.split(between);
  if (subject === undefined || html === undefined || text === undefined || more !== undefined) {
    throw new TypeError("A template that comes with Allot has a subject, HTML and text.");
  }
  return { subject, html, text };
};

const templates: ReadonlyMap<string, ReadonlyMap<string, TemplateParts>> = new Map(
  Object.entries(shipped).map(([language, files]) => [
    language,
    new Map(Object.entries(files).map(([kind, file]) => [kind, partsIn(file)])),
  ]),
);

/** Null where there is none of exactly this language. */
export const shippedTemplate = ({ kind, language }: TemplateName): TemplateParts | null =>
  templates.get(language)?.get(kind) ?? null;

/** The languages that it comes with, the one that everything falls back to first. */
export const shippedLanguages: readonly string[] = [
  lastLanguage,
  ...[...templates.keys()].filter((language) => language !== lastLanguage),
];
