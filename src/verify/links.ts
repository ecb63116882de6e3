/**
 * Keys that point at aggregates, and their timers. They are listed before any aggregate is read, and each
 * aggregate strikes out its own. A key that is missing or left over may have changed meanwhile: before it is
 * reported, it is looked at again, together with its aggregate.
 */
import { Effect } from "effect";
import { type Key, keyText } from "../kernel/key.ts";
import { verifyLimits } from "./limits.ts";
import { type TimerDocument, timerName, timerOwner } from "../store/documents.ts";
import type { Store, StoreError } from "../store/store.ts";
import { type Aggregate, noSettings } from "../subject/aggregate.ts";
import type { KeyLink, Link } from "../subject/link.ts";
import type { AggregateState } from "../subject/state.ts";
import type { SubjectList } from "../subject/subject.ts";
import { hashOfParts } from "../kernel/hash.ts";
import { forEachPage, readable, readAgain } from "./read.ts";
import { Findings } from "./report.ts";
import { settle } from "./settle.ts";
import { sameJson } from "./same.ts";

type SecondLook = Effect.Effect<void, StoreError, Store>;

/** A value that names its aggregate: the owner of the first member that holds its id, or that of a part of it. */
const ownerIn = (subjects: SubjectList, value: unknown): ReturnType<SubjectList["ownerOf"]> => {
  if (typeof value !== "object" || value === null) return null;
  for (const member of Object.values(value)) {
    const owner = typeof member === "string" ? subjects.ownerOf(member) : null;
    if (owner !== null) return owner;
  }
  return null;
};

const linkHash = (key: Key, value: unknown): number =>
  hashOfParts(keyText(key), JSON.stringify(value));

const timerHash = (id: string, name: string): number => hashOfParts(id, name);

export class Links {
  readonly #links = new Set<number>();
  readonly #timers = new Set<number>();
  readonly #families: ReadonlyMap<string, Aggregate>;

  constructor(
    private readonly subjects: SubjectList,
    private readonly findings: Findings,
  ) {
    this.#families = new Map(
      [...subjects.aggregates.values()].flatMap((definition) =>
        definition.linkFamilies.map((family) => [family, definition] as const)
      ),
    );
  }

  /** To be run before any aggregate is read. */
  readonly list: SecondLook = Effect.suspend(() =>
    Effect.all([
      Effect.forEach(
        this.#families.keys(),
        (family) =>
          this.#eachLink(family, (key, value) => {
            this.findings.count(`${family}s`);
            this.#links.add(linkHash(key, value));
            return Effect.void;
          }),
        { discard: true },
      ),
      this.#eachTimer((key, timer) => {
        this.findings.count("timers");
        this.#timers.add(timerHash(timerOwner(timer), timerName(key, timer)));
        return Effect.void;
      }),
    ], { discard: true })
  );

  /**
   * An aggregate strikes out the keys that point at it. A key that should and does not is looked at again.
   */
  checkAggregate(definition: Aggregate, state: AggregateState): SecondLook {
    const looks: SecondLook[] = [];
    for (const link of definition.linksOf(state, noSettings)) {
      if (link.type === "timer") {
        if (!this.#timers.delete(timerHash(state.id, link.name))) {
          looks.push(this.#lookAtTimer(definition, state.id, link.name));
        }
      } else if (!this.#links.delete(linkHash(link.key, link.value))) {
        looks.push(this.#lookAtLink(definition, state.id, link));
      }
    }
    return looks.length === 0 ? Effect.void : Effect.all(looks, { discard: true });
  }

  /** To be run after every aggregate was read: looks again at keys that none of them struck out. */
  readonly finish: SecondLook = Effect.suspend(() =>
    Effect.all([
      this.#links.size === 0 ? Effect.void : Effect.forEach(
        this.#families,
        ([family, definition]) =>
          this.#eachLink(family, (key, value) =>
            this.#links.has(linkHash(key, value))
              ? this.#lookAtLeftOver(definition, family, key, value)
              : Effect.void),
        { discard: true },
      ),
      this.#timers.size === 0
        ? Effect.void
        : this.#eachTimer((key, timer) =>
          this.#timers.has(timerHash(timerOwner(timer), timerName(key, timer)))
            ? this.#lookAtLeftOverTimer(key, timer)
            : Effect.void
        ),
    ], { discard: true })
  );

  #eachLink(family: string, onLink: (key: Key, value: unknown) => SecondLook): SecondLook {
    return this.#each<unknown>([family], onLink);
  }

  #eachTimer(onTimer: (key: Key, timer: TimerDocument) => SecondLook): SecondLook {
    return this.#each<TimerDocument>(["timer"], onTimer);
  }

  #each<A>(prefix: Key, onValue: (key: Key, value: A) => SecondLook): SecondLook {
    return forEachPage(
      prefix,
      verifyLimits.entriesPerRead,
      (entries) =>
        Effect.forEach(entries, (entry) =>
          Effect.flatMap(
            readable<A>(entry, this.findings),
            (stored) => stored === null ? Effect.void : onValue(entry.key, stored.value),
          ), { discard: true }),
    );
  }

  #wants(definition: Aggregate, state: AggregateState | null): readonly Link[] {
    return state === null ? [] : definition.linksOf(state, noSettings);
  }

  #wantsTimer(definition: Aggregate, state: AggregateState | null, name: string): boolean {
    return this.#wants(definition, state).some((link) =>
      link.type === "timer" && link.name === name
    );
  }

  #wantsLink(definition: Aggregate, state: AggregateState | null, key: Key, value: unknown) {
    const text = keyText(key);
    return this.#wants(definition, state).some((link) =>
      link.type === "key" && keyText(link.key) === text && sameJson(link.value, value)
    );
  }

  #lookAtLink(definition: Aggregate, id: string, { key, value }: KeyLink): SecondLook {
    return settle(
      this.findings,
      definition,
      id,
      readAgain<unknown>(key),
      (state, stored) =>
        !this.#wantsLink(definition, state, key, value) || sameJson(stored?.value, value)
          ? null
          : stored === null
          ? `The ${definition.name} ${id} is not found by ${keyText(key)}.`
          : `${keyText(key)} leads to something else than the ${definition.name} ${id}.`,
      { invariant: definition.linkInvariant(String(key[0])), keys: [key] },
    );
  }

  #lookAtLeftOver(definition: Aggregate, family: string, key: Key, value: unknown): SecondLook {
    const invariant = definition.linkInvariant(family);
    const owner = ownerIn(this.subjects, value);
    if (owner === null) {
      return Effect.sync(() =>
        this.findings.add(invariant, [key], `It leads to no ${definition.name}.`)
      );
    }
    // Aggregates of several kinds may write one family.
    const { definition: asked, id } = owner;
    return settle(
      this.findings,
      asked,
      id,
      readAgain<unknown>(key),
      (state, stored) =>
        stored === null || this.#wantsLink(asked, state, key, stored.value)
          ? null
          : state === null
          ? `It leads to the ${asked.name} ${id}, which is not there.`
          : `It leads to the ${asked.name} ${id}, which does not ask for it.`,
      { invariant, keys: [key] },
    );
  }

  #lookAtTimer(definition: Aggregate, id: string, name: string): SecondLook {
    return settle(
      this.findings,
      definition,
      id,
      this.#hasTimer(id, name),
      (state, there) =>
        there || !this.#wantsTimer(definition, state, name)
          ? null
          : `The ${definition.name} ${id} has no timer "${name}", and nothing else will do that.`,
      { invariant: "timers", keys: [] },
    );
  }

  /** At any time: a timer may have been written with other settings. */
  #hasTimer(id: string, name: string): Effect.Effect<boolean, StoreError, Store> {
    return Effect.suspend(() => {
      let found = false;
      return Effect.map(
        forEachPage(
          ["timer"],
          verifyLimits.entriesPerRead,
          (entries) =>
            Effect.forEach(
              entries,
              (entry) =>
                Effect.map(readable<TimerDocument>(entry, new Findings()), (stored) => {
                  if (stored === null) return;
                  found ||= timerOwner(stored.value) === id &&
                    timerName(entry.key, stored.value) === name;
                }),
              { discard: true },
            ),
        ),
        () => found,
      );
    });
  }

  #lookAtLeftOverTimer(key: Key, timer: TimerDocument): SecondLook {
    const id = timerOwner(timer);
    const name = timerName(key, timer);
    const definition = this.subjects.aggregateOf(id);
    if (definition === null) {
      return Effect.sync(() => this.findings.add("timers", [key], `A timer is for ${id}.`));
    }
    return settle(
      this.findings,
      definition,
      id,
      readAgain<TimerDocument>(key),
      (state, stored) =>
        stored === null || this.#wantsTimer(definition, state, name)
          ? null
          : state === null
          ? `A timer is for the ${definition.name} ${id}, which is not there.`
          : `The ${definition.name} ${id} does not ask for its timer "${name}".`,
      { invariant: "timers", keys: [key] },
    );
  }
}
