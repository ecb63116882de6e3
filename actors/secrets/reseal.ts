/**
 * Seals what older keys have sealed with the first one, so that the older ones can go. Each document is saved
 * like any other change of it, so that no engine goes on with what it has in memory.
 */
import { Effect } from "effect";
import { mapSealed, type Sealed, sealedIn, type SealedPlace } from "../../src/kernel/sealed.ts";
import { systemPrincipal } from "../../src/kernel/principal.ts";
import { Sealing, type SecretsKeyMissing } from "../../src/secrets/sealing.ts";
import type { StoreError } from "../../src/store/store.ts";
import type { Reference, Saved } from "../../src/subject/reference.ts";
import { Subjects } from "../../src/subject/subject.ts";
import type { SaveFailure } from "../reference/change.ts";
import { References } from "../reference/references.ts";
import { secretsLimits } from "./limits.ts";

export interface Resealed {
  /** Secrets that there are, and those of them that were sealed anew. */
  readonly secrets: number;
  readonly resealed: number;
  /** None of the keys opens them: they stay as they are. */
  readonly unreadable: readonly SealedPlace[];
}

/** Of one document. */
interface Anew extends Resealed {
  readonly document: Saved;
}

const sealAnew = Effect.fnUntraced(function* (
  reference: Reference,
  document: Saved,
): Effect.fn.Return<Anew, SecretsKeyMissing, Sealing> {
  const sealing = yield* Sealing;
  const key = reference.key(reference.idOf(document));
  const anew = new Map<Sealed, Sealed>();
  const unreadable: SealedPlace[] = [];
  const all = sealedIn(document, reference.sealed);
  for (const { field, sealed } of all) {
    const place = { key, field };
    const secret = yield* Effect.catchTag(
      sealing.open(place, sealed),
      "SecretUnreadable",
      () => Effect.succeed(null),
    );
    if (secret === null) unreadable.push(place);
    else {
      const fresh = yield* sealing.seal(place, secret);
      if (fresh.k !== sealed.k) anew.set(sealed, fresh);
    }
  }
  const changed = mapSealed(document, reference.sealed, (sealed) => anew.get(sealed) ?? sealed);
  return { document: changed, secrets: all.length, resealed: anew.size, unreadable };
});

const nothing: Resealed = { secrets: 0, resealed: 0, unreadable: [] };

const sum = (left: Resealed, right: Resealed): Resealed => ({
  secrets: left.secrets + right.secrets,
  resealed: left.resealed + right.resealed,
  unreadable: [...left.unreadable, ...right.unreadable],
});

/** Fails with `PreconditionFailed` when others change the document each time it is looked at. */
const resealOne = Effect.fnUntraced(function* (
  reference: Reference<Saved>,
  id: string,
): Effect.fn.Return<Resealed, SecretsKeyMissing | SaveFailure, Sealing | References> {
  const references = yield* References;
  const saved = Effect.gen(function* () {
    references.forget(reference, id);
    const before = yield* references.find(reference, id);
    if (before === null) return nothing;
    const { document, ...counts } = yield* sealAnew(reference, before);
    const context = { by: systemPrincipal, ifMatch: String(before.version) };
    if (counts.resealed > 0) yield* references.save(reference, document, context);
    return counts;
  });
  return yield* Effect.retry(saved, {
    times: secretsLimits.tries,
    while: ({ _tag }) => _tag === "PreconditionFailed",
  });
});

/**
 * Goes through all documents that have sealed secrets. Nothing is lost when it is interrupted, or fails: what it
 * has not come to opens with the older keys as before. Engines may use the store meanwhile.
 */
export const reseal: Effect.Effect<
  Resealed,
  SecretsKeyMissing | SaveFailure | StoreError,
  Sealing | References | Subjects
> = Effect.gen(function* () {
  const references = yield* References;
  let told = nothing;
  for (const definition of (yield* Subjects).references.values()) {
    if (definition.sealed.length === 0) continue;
    // Only what is saved can be saved again: `reference` sees to that.
    const reference = definition as Reference<Saved>;
    const limit = secretsLimits.documentsPerRead;
    for (let after: string | null = null;;) {
      const page: readonly Saved[] = yield* references.page(reference, { after, limit });
      const ids: readonly string[] = page.map((document) => reference.idOf(document));
      for (const id of ids) told = sum(told, yield* resealOne(reference, id));
      if (page.length < limit) break;
      after = ids.at(-1) ?? null;
    }
  }
  return told;
});
