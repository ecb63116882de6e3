/** How the lanes of this process do, for whoever shows it: it is there before the lanes are. */
import { Context, Layer } from "effect";
import type { LaneState } from "../../src/outbound/state.ts";

export class LaneBoard extends Context.Service<LaneBoard, {
  readonly lanes: () => readonly LaneState[];
  /** For the lanes themselves. */
  readonly show: (lanes: () => readonly LaneState[]) => void;
}>()("allot/LaneBoard") {
  static readonly layer = Layer.sync(LaneBoard, () => {
    let shown: () => readonly LaneState[] = () => [];
    return LaneBoard.of({
      lanes: () => shown(),
      show: (lanes) => {
        shown = lanes;
      },
    });
  });
}
