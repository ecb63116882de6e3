/**
 * References: each stands under its own id, is found by the keys that it asks for, and agrees with the log
 * about how often, when and, in newer records, with which content it was saved.
 */
import { Effect } from "effect";
import { type Key, keyText } from "../kernel/key.ts";
import { verifyLimits } from "./limits.ts";
import type { Position } from "../store/log.ts";
import { Store, type StoreError } from "../store/store.ts";
import type { SavedReference } from "../subject/record.ts";
import type { Reference } from "../subject/reference.ts";
import type { SubjectList } from "../subject/subject.ts";
import { digestOf, hashOfParts } from "../kernel/hash.ts";
import { forEachPage, readable, readAgain } from "./read.ts";
import type { Findings } from "./report.ts";
import { sameJson } from "./same.ts";

/** One document by the log. */
interface Logged {
  saves: number;
  removed: boolean;
  at: string;
  /** Who made it, which is not who saved it last. */
  madeBy: string;
  digest: string | undefined;
  position: Position;
}

/** Members by which a document tells how it came to be, as far as its kind has them. */
interface Dated {
  readonly version?: number;
  readonly createdAt?: string;
  readonly updatedAt?: string;
  readonly createdBy?: string;
}

/** The differences between a document and the log. */
const differencesOf = (document: object, logged: Logged): readonly string[] => {
  const { version, createdAt, updatedAt, createdBy }: Dated = document;
  const savedAt = updatedAt ?? createdAt;
  return [
    ...(version === undefined || version === logged.saves
      ? []
      : [`It has version ${version} and was saved ${logged.saves} times.`]),
    ...(savedAt === undefined || savedAt === logged.at
      ? []
      : [`It says that it was saved at ${savedAt}, the log at ${logged.at}.`]),
    ...(createdBy === undefined || createdBy === logged.madeBy
      ? []
      : [`It says that ${createdBy} made it, the log ${logged.madeBy}.`]),
    ...(logged.digest === undefined || logged.digest === digestOf(document)
      ? []
      : ["It has another content than was saved."]),
  ];
};

export class ReferenceAudit {
  readonly #logged = new Map<number, Logged>();

  constructor(private readonly subjects: SubjectList, private readonly findings: Findings) {}

  /** A record of the log, in its order. */
  add(position: Position, { reference, id, at, by, digest, removed }: SavedReference): void {
    const hash = hashOfParts(reference, id);
    const known = this.#logged.get(hash);
    const before = known?.removed === true ? undefined : known;
    this.#logged.set(hash, {
      saves: removed ? 0 : (before?.saves ?? 0) + 1,
      madeBy: before?.madeBy ?? by,
      ...{ removed, at, digest, position },
    });
  }

  /** To be run after the log was read up to `newest`: documents that are younger are passed over. */
  readonly finish = (newest: Position): Effect.Effect<void, StoreError, Store> =>
    Effect.forEach(this.subjects.references.values(), (definition) =>
      Effect.andThen(
        this.#documents(definition, newest),
        Effect.forEach(
          definition.linkFamilies,
          (family) => this.#links(definition, family),
          { discard: true },
        ),
      ), { discard: true });

  #documents(definition: Reference, newest: Position): Effect.Effect<void, StoreError, Store> {
    return forEachPage(
      [definition.family],
      verifyLimits.documentsPerRead,
      (entries) =>
        Effect.forEach(entries, (entry) =>
          Effect.gen({ self: this }, function* () {
            const stored = yield* readable<object>(entry, this.findings);
            if (stored === null) return;
            this.findings.count(definition.plural);
            this.#check(definition, entry.key, stored.value, stored.versionstamp > newest);
            yield* this.#checkLinks(definition, entry.key, stored.value);
          }), { discard: true }),
    );
  }

  #check(definition: Reference, key: Key, document: object, isYounger: boolean): void {
    const wrong = (detail: string) => this.findings.add("references", [key], detail);
    const id = String(key[1]);
    const malformed = definition.malformed(document);
    if (malformed !== null) return this.findings.add("readable", [key], malformed);
    if (definition.idOf(document) !== id) {
      wrong(`The ${definition.name} under this key is ${definition.idOf(document)}.`);
    }
    if (isYounger) return;
    const logged = this.#logged.get(hashOfParts(definition.name, id));
    if (logged === undefined || logged.removed) {
      return wrong(`The log does not know that this ${definition.name} was saved.`);
    }
    for (const detail of differencesOf(document, logged)) wrong(detail);
  }

  #checkLinks(definition: Reference, key: Key, document: object) {
    return Effect.forEach(definition.linksOf(document), (link) => {
      return Effect.flatMap(
        readAgain<unknown>(link.key),
        (stored) =>
          sameJson(stored?.value, link.value)
            ? Effect.void
            : this.#reportLater(key, link.key, definition),
      );
    }, { discard: true });
  }

  /** Removed meanwhile, a document has no links any more. */
  #reportLater(key: Key, linkKey: Key, definition: Reference) {
    return Effect.map(readAgain<object>(key), (stored) => {
      if (stored === null) return;
      const detail = `The ${definition.name} is not found by ${keyText(linkKey)}.`;
      this.findings.add("references", [key, linkKey], detail);
    });
  }

  /** Every key of a family of links leads to a document that asks for it. */
  #links(definition: Reference, family: string): Effect.Effect<void, StoreError, Store> {
    return forEachPage(
      [family],
      verifyLimits.entriesPerRead,
      (entries) =>
        Effect.forEach(entries, (entry) =>
          Effect.gen({ self: this }, function* () {
            const link = yield* readable<Readonly<Record<string, unknown>>>(entry, this.findings);
            if (link === null) return;
            const [id] = Object.values(link.value);
            const stored = typeof id === "string"
              ? yield* readAgain<object>(definition.key(id))
              : null;
            const asksFor = stored !== null &&
              definition.linksOf(stored.value).some((each) =>
                each.type === "key" && keyText(each.key) === keyText(entry.key)
              );
            if (asksFor) return;
            const store = yield* Store;
            const { versionstamp } = yield* store.get(entry.key);
            if (versionstamp !== entry.versionstamp) return;
            const detail = `It leads to no ${definition.name} that asks for it.`;
            this.findings.add("references", [entry.key], detail);
          }), { discard: true }),
    );
  }
}
