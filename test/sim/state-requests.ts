/** What clients ask about stock states and channels: moves between buckets, and what a channel may sell. */
import { channels } from "../../src/channel/references.ts";
import { availablePlace, bucketNames, unspecifiedPlace } from "../../src/stock/buckets.ts";
import type { Request } from "./operation.ts";
import type { Chance } from "./random.ts";
import { channelNames, goods } from "./workload.ts";

const places = [availablePlace, unspecifiedPlace, ...bucketNames];

/** How often a client turns to these. */
const stateShare = 0.35;
const moveShare = 0.7;

export class StateRequests {
  constructor(readonly chance: Chance, readonly locations: readonly string[]) {}

  /** Now and then something; null in between. */
  next(): Request | null {
    const { chance } = this;
    if (!chance.happens(stateShare)) return null;
    return chance.happens(moveShare) ? this.#move() : this.#channel();
  }

  #move(): Request {
    const { chance } = this;
    const moves = chance.pick([goods.slice(0, 1), goods.slice(1, 3), goods.slice(3)]).map((sku) => {
      const from = chance.happens(0.5) ? availablePlace : chance.pick(places);
      const to = chance.pick(places.filter((place) => place !== from));
      return { sku, quantity: chance.between(1, 2), from, to };
    });
    return { type: "move", move: { locationId: chance.pick(this.locations), moves } };
  }

  #channel(): Request {
    const { chance } = this;
    const some = this.locations.filter(() => chance.happens(0.6));
    const list = chance.weighted({ none: 3, locationIds: 2, excludeLocationIds: 1 });
    const buffer = chance.pick([undefined, { units: chance.between(0, 3) }, {
      percent: chance.between(0, 40),
    }]);
    return {
      type: "save",
      reference: channels,
      document: {
        id: chance.pick(channelNames),
        exposes: "sum",
        ...(list === "none" ? {} : { [list]: some }),
        ...(buffer === undefined ? {} : { buffer }),
        ...(chance.happens(0.3) ? { buffers: [{ sku: "mug", units: chance.between(0, 2) }] } : {}),
      },
    };
  }
}
