/** A load generator for one server, in a process of its own. */
import { closedLoop, openLoop } from "../load/drive.ts";
import { httpTraffic, type TrafficKind } from "../traffic/http.ts";
import { prepareOver } from "../traffic/prepare.ts";
import type { Target } from "../load/connection.ts";
import type { Contender, Measure, Measured } from "./protocol.ts";

export const openHttp = async (
  target: Target,
  kind: TrafficKind,
  run: string,
): Promise<Contender> => {
  const traffic = httpTraffic(kind, target, run);
  await prepareOver(target, traffic.plan);
  const measure = async (asked: Measure): Promise<Measured> => {
    const { clients, seconds, ratePerSecond, keepCurve = false } = asked;
    const requests = asked.requests ?? traffic.requests;
    const { send } = traffic;
    const outcome = ratePerSecond === undefined
      ? await closedLoop({ clients, seconds, requests, send, keepCurve })
      : await openLoop({ clients, seconds, ratePerSecond, send, keepCurve });
    return { ...outcome, facts: {} };
  };
  return {
    measure,
    close: async () => {
      await traffic.finish();
      traffic.close();
    },
  };
};
