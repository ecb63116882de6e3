/**
 * The room of one commit for keys: each line has a row of supply and one of stock, and a key by which it is
 * found, that may become another. Ids and SKUs may be long, so bytes may run out before lines do.
 */
import { fenceKeyBytes, keyBytesOf } from "../kernel/key.ts";
import { locationPartition, stockKey } from "../stock/keys.ts";
import { rowKey } from "../subject/balance.ts";
import { supplyBalance } from "./balance.ts";
import { supplyKey } from "./keys.ts";

export interface RoomLine {
  readonly id: string;
  readonly sku: string;
}

/** The key that was, and the one that is. */
const keysPerLine = 2;

const lineBytes = ({ id, sku }: RoomLine, locationIds: readonly string[]): number =>
  Math.max(...locationIds.map((locationId) =>
    keyBytesOf(rowKey(supplyBalance, locationId, id)) +
    keysPerLine * keyBytesOf(supplyKey({ supplyId: id, sku, locationId, dueMs: 0 }))
  )) + locationIds.reduce((sum, locationId) => sum + keyBytesOf(stockKey(locationId, sku)), 0);

/** Room that is taken line by line; a line is counted once. */
export class LineRoom {
  readonly #taken = new Set<string>();
  #bytes: number;

  constructor(
    private readonly locationIds: readonly string[],
    private readonly keyBytesPerCommit: number,
  ) {
    this.#bytes = locationIds.reduce(
      (sum, locationId) => sum + fenceKeyBytes(locationPartition(locationId)),
      0,
    );
  }

  /** Takes the room of a line, unless there is none left. */
  take(line: RoomLine): boolean {
    if (this.#taken.has(line.id)) return true;
    const bytes = this.#bytes + lineBytes(line, this.locationIds);
    if (bytes > this.keyBytesPerCommit) return false;
    this.#taken.add(line.id);
    this.#bytes = bytes;
    return true;
  }
}
