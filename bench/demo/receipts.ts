/** Stock that arrives: often what sells well, seldom what is scarce. */
import { Effect } from "effect";
import { Anything, type Client, StockLevels } from "./client.ts";
import { type DemoItem, items, locations, pickupLocation } from "./world.ts";

/** Units on hand below which more is received. */
const fewest = 30;
const warehouseReceives = 120;
const storeReceives = 40;
/** For each order a second, so that what waits is served but what comes after it waits again. */
const scarceReceives = 20;

const scarceLocation = "wh-rotterdam";

const isKeptAt = ({ digital, scarce }: DemoItem, locationId: string): boolean =>
  digital !== true && (scarce !== true || locationId === scarceLocation);

/** Receives at each location what has run low there of the scarce items, or of the others. */
export const receive = Effect.fnUntraced(function* (
  client: Client,
  options: { readonly scarce: boolean; readonly ordersPerSecond: number },
) {
  const { scarce, ordersPerSecond } = options;
  const { data } = yield* client.ask(StockLevels, "GET", "/v1/inventory?limit=200");
  const available = new Map(data.map((row) => [`${row.locationId} ${row.sku}`, row.available]));
  const brings = (locationId: string) =>
    scarce
      ? Math.ceil(scarceReceives * ordersPerSecond)
      : locationId === pickupLocation
      ? storeReceives
      : warehouseReceives;
  for (const { id: locationId } of locations) {
    const changes = items
      .filter((item) => isKeptAt(item, locationId) && (item.scarce === true) === scarce)
      .filter(({ sku }) => (available.get(`${locationId} ${sku}`) ?? 0) < (scarce ? 1 : fewest))
      .map((item) => ({ sku: item.sku, delta: brings(locationId) }));
    if (changes.length === 0) continue;
    const body = { locationId, reason: "received", reference: "delivery of the demo", changes };
    yield* client.ask(Anything, "POST", "/v1/inventory/adjustments", body);
  }
});
