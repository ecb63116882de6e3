/** Values that say in how many pages more of them is stored: each has these pages, and no others. */
import { Effect } from "effect";
import { keyText } from "../kernel/key.ts";
import { verifyLimits } from "./limits.ts";
import { Store, type StoreError } from "../store/store.ts";
import type { Paged } from "../subject/paged.ts";
import type { SubjectList } from "../subject/subject.ts";
import { forEachPage, readable, readAgain } from "./read.ts";
import type { Findings } from "./report.ts";
import { wideHash } from "../kernel/hash.ts";

export const checkPaged = (
  subjects: SubjectList,
  findings: Findings,
): Effect.Effect<void, StoreError, Store> =>
  Effect.forEach(subjects.paged, (paged) => new PagedAudit(paged, findings).run, {
    discard: true,
  });

class PagedAudit {
  /** Hashes of the pages that heads have. */
  readonly #pages = new Set<number>();

  constructor(private readonly paged: Paged, private readonly findings: Findings) {}

  readonly run: Effect.Effect<void, StoreError, Store> = Effect.suspend(() =>
    Effect.andThen(
      forEachPage([this.paged.family], verifyLimits.documentsPerRead, (entries) =>
        Effect.forEach(entries, (entry) =>
          Effect.gen({ self: this }, function* () {
            const stored = yield* readable<unknown>(entry, this.findings);
            if (stored === null) {
              return;
            }
            this.findings.count(this.paged.plural);
            yield* this.#checkHead(String(entry.key[1]), stored.value);
          }), { discard: true })),
      Effect.suspend(() =>
        this.#leftOver
      ),
    )
  );

  /** Checks the pages of one head, and their sums. */
  #checkHead(id: string, head: unknown): Effect.Effect<void, StoreError, Store> {
    return Effect.gen({ self: this }, function* () {
      const key = [this.paged.family, id];
      const pages: unknown[] = [];
      for (let page = 0; page < this.paged.pagesOf(head); page++) {
        const pageKey = [this.paged.pageFamily, id, page];
        this.#pages.add(wideHash(keyText(pageKey)));
        const stored = yield* readAgain<unknown>(pageKey);
        if (stored === null) {
          return this.findings.add(
            "pages",
            [key, pageKey],
            `${this.paged.name} ${id} lacks a page.`,
          );
        }
        pages.push(stored.value);
      }
      const fault = this.paged.faultOf(head, pages);
      if (fault === null) return;
      // It may have grown meanwhile.
      const again = yield* readAgain<unknown>(key);
      if (again === null || this.paged.pagesOf(again.value) !== pages.length) return;
      this.findings.add("pages", [key], `${this.paged.name} ${id}: ${fault}`);
    });
  }

  get #leftOver(): Effect.Effect<void, StoreError, Store> {
    return Effect.flatMap(
      Store,
      (store) =>
        forEachPage(
          [this.paged.pageFamily],
          verifyLimits.entriesPerRead,
          (entries) =>
            Effect.forEach(entries, ({ key }) =>
              Effect.gen({ self: this }, function* () {
                if (this.#pages.has(wideHash(keyText(key)))) {
                  return;
                }
                const head = yield* readAgain<unknown>([this.paged.family, String(key[1])]);
                if (head !== null && Number(key[2]) < this.paged.pagesOf(head.value)) return;
                const { versionstamp } = yield* store.get(key);
                if (versionstamp === null) return;
                this.findings.add("pages", [key], `No ${this.paged.name} has this page.`);
              }), { discard: true }),
        ),
    );
  }
}
