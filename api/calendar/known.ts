/** Whether a calendar is there that a document names. Calendars are not removed, so that it stays. */
import { Effect } from "effect";
import { References } from "../../actors/reference/references.ts";
import { calendars } from "../../src/calendar/references.ts";
import type { StoreError } from "../../src/store/store.ts";
import { type ApiProblem, fail } from "../http/problems.ts";

/** Refuses a document whose calendar is none. */
export const requireCalendar = Effect.fnUntraced(
  function* (
    { calendarId }: { readonly calendarId?: string },
  ): Effect.fn.Return<void, ApiProblem | StoreError, References> {
    if (calendarId === undefined) return;
    const references = yield* References;
    if ((yield* references.find(calendars, calendarId)) !== null) return;
    // Another process may have made it this very second.
    references.forget(calendars, calendarId);
    if ((yield* references.find(calendars, calendarId)) !== null) return;
    return yield* fail("invalid-request", "There is no such calendar.", {
      errors: [{ pointer: "/calendarId", detail: "is no calendar" }],
    });
  },
);
