/** The pure planner of promises, asked again and again without an engine. */
import { closedLoop } from "../load/drive.ts";
import { type PlanKind, planning } from "../traffic/promises.ts";
import type { Contender } from "./protocol.ts";

export const openPlans = (kind: PlanKind): Contender => {
  const plan = planning(kind);
  return {
    measure: async ({ clients, seconds, requests }) => {
      const send = () => {
        plan();
        return Promise.resolve({ result: "accepted" } as const);
      };
      return { ...await closedLoop({ clients, seconds, requests, send }), facts: {} };
    },
    close: () => {},
  };
};
