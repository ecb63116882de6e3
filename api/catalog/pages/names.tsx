/** Names of items and of locations, for pages that have their ids. */
import type { SessionApi } from "../../dashboard/calls.ts";
import { dashboardLimits } from "../../dashboard/limits.ts";
import type { Operation } from "../../http/in-process.ts";
import { getItem, getLocation } from "./operations.ts";

/** Names by id; an id that is its own name, or that nobody described, has none. */
export type Names = ReadonlyMap<string, string>;

const namesBy = async (
  calls: SessionApi,
  operation: Operation<{ readonly name: string }>,
  parameter: string,
  ids: Iterable<string>,
): Promise<Names> => {
  const unique = [...new Set(ids)].slice(0, dashboardLimits.named);
  const told = await Promise.all(
    unique.map((id) => calls.ask(operation, { params: { [parameter]: id } })),
  );
  return new Map(
    told.flatMap((each, n) => {
      const id = unique[n];
      return id !== undefined && each.ok && each.value.name !== id ? [[id, each.value.name]] : [];
    }),
  );
};

export const itemNames = (calls: SessionApi, skus: Iterable<string>): Promise<Names> =>
  namesBy(calls, getItem, "sku", skus);

/** Null stands for digital delivery, which has no place. */
export const placeNames = (
  calls: SessionApi,
  locationIds: Iterable<string | null>,
): Promise<Names> =>
  namesBy(calls, getLocation, "locationId", [...locationIds].filter((id) => id !== null));

/** The name of a place, and its id where that is another word. */
export const Place = ({ id, names }: { readonly id: string | null; readonly names: Names }) => {
  if (id === null) return <>Digital</>;
  const name = names.get(id);
  return name === undefined ? <>{id}</> : (
    <>
      {name} <span class="muted">{id}</span>
    </>
  );
};
