/** Makes the message about an order, of the order and its places as they are now. */
import { Data, Effect, Result } from "effect";
import { locations } from "../../src/catalog/references.ts";
import {
  defaultTimeZone,
  type MessageChannel,
  messageChannels,
} from "../../src/message/channel.ts";
import type { MessageCause, MessageKind } from "../../src/message/kind.ts";
import { languageIn, lastLanguage } from "../../src/message/language.ts";
import { languageGiven, type MessageModel, messageModelOf } from "../../src/message/model.ts";
import {
  type ParsedTemplate,
  parseTemplate,
  type PartFault,
  type RenderedMessage,
  renderMessage,
  type TemplateParts,
} from "../../src/message/render.ts";
import {
  chooseTemplate,
  type ChosenTemplate,
  messageTemplates,
  templateIdOf,
} from "../../src/message/template.ts";
import { unwantedBecause } from "../../src/message/wanted.ts";
import type { OrderDocument } from "../../src/order/document.ts";
import type { Order, OrderLine } from "../../src/order/order.ts";
import type { StoreError } from "../../src/store/store.ts";
import { Catalog } from "../catalog/catalog.ts";
import type { Orders } from "../order/orders.ts";
import { References } from "../reference/references.ts";
import { type MailAddress, mailboxIn } from "./mail-settings.ts";

/** What is said, to whom, and how. */
interface Composing {
  readonly kind: MessageKind;
  readonly part: MessageCause["part"];
  readonly language: string;
  readonly shopName: string;
}

/** The SKUs of a line that a message may name: of a kit, its components are. */
const namedSkus = ({ sku, components }: OrderLine): readonly string[] =>
  components === undefined ? [sku] : [sku, ...components.map((part) => part.sku)];

/** What templates see; null when there is nothing to say any more. */
export const composedModel = Effect.fnUntraced(function* (
  document: OrderDocument,
  { kind, part, language, shopName }: Composing,
): Effect.fn.Return<MessageModel | null, StoreError, Catalog | References> {
  const { state: order } = document;
  const topic = kind.topicOf(order, part);
  if (topic === null) return null;
  const catalog = yield* Catalog;
  const references = yield* References;
  const items = yield* catalog.items([...new Set(order.lines.flatMap(namedSkus))]);
  const { locationId } = topic;
  const place = locationId === undefined ? null : yield* references.find(locations, locationId);
  return messageModelOf(document, { kind: kind.name, language, topic }, {
    shopName,
    itemName: (sku) => items.get(sku)?.name ?? sku,
    location: () => place,
  });
});

/** A part of the order that there is something to say of, for who does not name one; undefined: there is none. */
export const anyPartOf = (order: Order, { topicOf }: MessageKind): string | null | undefined =>
  [
    null,
    ...order.shipments.map(({ id }) => id).reverse(),
    ...order.fulfillmentOrders.map(({ id }) => id).reverse(),
  ].find((part) => topicOf(order, part) !== null);

/** No template makes a message of it. */
export class MessageFault extends Data.TaggedError("MessageFault")<{ readonly detail: string }> {}

/** A message as it is to be sent. */
export interface Composed {
  /** That of the settings when undefined. */
  readonly from: MailAddress | undefined;
  readonly to: MailAddress;
  /** Of the template. */
  readonly language: string;
  readonly message: RenderedMessage;
}

interface ComposerParts {
  readonly orders: Orders["Service"];
  readonly catalog: Catalog["Service"];
  readonly references: References["Service"];
  /** What the sender of the settings is called. */
  readonly senderName: string;
}

type Fault = PartFault | readonly PartFault[];

const detailOf = (fault: Fault): string => {
  const [first] = [fault].flat();
  return first === undefined
    ? "The template cannot be used."
    : `The template's ${first.part}: ${first.detail}, in line ${first.line}.`;
};

/** Templates that were read: the same one makes many messages. */
const parsedTemplates = new WeakMap<TemplateParts, ParsedTemplate>();

const parsedOf = (parts: TemplateParts): Result.Result<ParsedTemplate, readonly PartFault[]> => {
  const known = parsedTemplates.get(parts);
  if (known !== undefined) return Result.succeed(known);
  const made = parseTemplate(parts);
  if (Result.isSuccess(made)) parsedTemplates.set(parts, made.success);
  return made;
};

export class Composer {
  constructor(private readonly parts: ComposerParts) {}

  /** Null where the customer is not told: it is not wanted, or there is nothing to say any more. */
  readonly compose = Effect.fnUntraced(function* (
    this: Composer,
    { orderId, part }: Pick<MessageCause, "orderId" | "part">,
    kind: MessageKind,
  ): Effect.fn.Return<Composed | null, StoreError | MessageFault> {
    const { orders, references } = this.parts;
    const document = yield* Effect.catchTag(
      orders.get(orderId),
      "NotFound",
      () => Effect.succeed(null),
    );
    if (document === null) return null;
    const { state, personal: { customer } } = document;
    const channel = yield* references.find(messageChannels, state.channel);
    if (customer.email === undefined || unwantedBecause(document, channel) !== null) return null;
    const from = mailboxIn(channel?.from ?? "") ?? undefined;
    const made = yield* this.#rendered(document, { kind, part, channel, from });
    return made === null ? null : {
      ...made,
      ...{ from, to: { name: customer.name, address: customer.email } },
    };
  }).bind(this);

  /** By the template that was saved; by the one that comes with Allot where that one fails. */
  readonly #rendered = Effect.fnUntraced(function* (
    this: Composer,
    document: OrderDocument,
    { kind, part, channel, from }: {
      readonly kind: MessageKind;
      readonly part: MessageCause["part"];
      readonly channel: MessageChannel | null;
      readonly from: MailAddress | undefined;
    },
  ): Effect.fn.Return<Pick<Composed, "language" | "message"> | null, StoreError | MessageFault> {
    const { references, catalog, senderName } = this.parts;
    const language = languageIn(languageGiven(document.state) ?? "") ?? channel?.language ??
      lastLanguage;
    const all = yield* references.all(messageTemplates);
    const saved = (id: string) => all.find((each) => templateIdOf(each) === id) ?? null;
    const name = { kind: kind.name, language };
    const chosen = chooseTemplate(name, saved);
    const model = yield* Effect.provideService(
      Effect.provideService(
        composedModel(document, {
          ...{ kind, part, language: chosen?.language ?? language },
          shopName: channel?.shopName ?? (from?.name || senderName),
        }),
        Catalog,
        catalog,
      ),
      References,
      references,
    );
    if (model === null) return null;
    const timeZone = channel?.timeZone ?? defaultTimeZone;
    let fault = "There is no template.";
    for (const template of [chosen, chooseTemplate(name, () => null)]) {
      if (template === null) continue;
      const made = renderedBy(template, model, timeZone);
      if (Result.isSuccess(made)) return { language: template.language, message: made.success };
      fault = detailOf(made.failure);
      yield* Effect.logWarning(`The template ${templateIdOf(template)} cannot be used: ${fault}`);
    }
    return yield* new MessageFault({ detail: fault });
  }).bind(this);
}

const renderedBy = (
  { parts, language }: ChosenTemplate,
  model: MessageModel,
  timeZone: string,
): Result.Result<RenderedMessage, Fault> =>
  Result.flatMap(
    Result.mapError(parsedOf(parts), (faults): Fault => faults),
    (parsed) =>
      Result.mapError(renderMessage(parsed, { ...model, language }, timeZone), (fault): Fault =>
        fault),
  );
