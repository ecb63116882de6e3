/** The problem of keys, and which failure becomes it. */
import type { LastAdminKey } from "../../actors/access/access.ts";
import { always, type Failures } from "../http/failures.ts";
import { problem, type ProblemType } from "../http/problems.ts";

export const lastAdminKey: ProblemType = {
  name: "last-admin-key",
  status: 409,
  title: "It is the last key that can make others",
};

export const keyFailures: Failures<LastAdminKey> = {
  LastAdminKey: {
    decided: always,
    problem: ({ keyId }) =>
      problem(
        lastAdminKey,
        `Without ${keyId} nobody could make a key. Make another admin key first, without a scope.`,
      ),
  },
};
