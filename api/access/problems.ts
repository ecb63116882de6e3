/** The problems of keys, and which failures become them. */
import type { GivenKey, LastAdminKey } from "../../actors/access/access.ts";
import { always, type Failures } from "../http/failures.ts";
import { problem, type ProblemType } from "../http/problems.ts";

export const lastAdminKey: ProblemType = {
  name: "last-admin-key",
  status: 409,
  title: "It is the last key that can make others",
  meaning: "Without it nobody could make a key. It was not revoked.",
  remedy: "Make another key of the role `admin`, without a scope, and then revoke this one.",
};

export const keyFailures: Failures<LastAdminKey | GivenKey> = {
  GivenKey: {
    decided: always,
    problem: ({ keyId }) =>
      problem(
        "conflict",
        `The key ${keyId} is the one of the settings: it is changed there, with the next start.`,
      ),
  },
  LastAdminKey: {
    decided: always,
    problem: ({ keyId }) =>
      problem(
        lastAdminKey,
        `Without ${keyId} nobody could make a key. Make another admin key first, without a scope.`,
      ),
  },
};
