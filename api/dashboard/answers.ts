/** What the API's operations answer, as pages read it. */
import type { StockLevel } from "../../actors/stock/inventory.ts";
import type { Principal } from "../../src/kernel/principal.ts";
import type { Location } from "../../src/catalog/catalog.ts";
import type { ImportJob, RowResult, summaryView } from "../../src/import/job.ts";
import type { ImportMapping } from "../../src/import/mapping.ts";
import type { OrderStatus } from "../../src/order/order.ts";
import type { StatusSnapshot } from "../../src/status/snapshot.ts";
import type { VerifyReport } from "../../src/verify/report.ts";
import type { Ask, InProcessApi, Told } from "../http/in-process.ts";
import type { fulfillmentOrderView, orderView } from "../order/views.ts";

export interface Page<Row> {
  readonly data: readonly Row[];
  readonly nextCursor: string | null;
}

export type OrderView = ReturnType<typeof orderView>;
export type FulfillmentOrderView = ReturnType<typeof fulfillmentOrderView>;

export interface EventView {
  readonly position: string;
  readonly type: string;
  readonly at: string;
  readonly by: string;
  readonly orderId: string;
  readonly version: number;
  readonly from: OrderStatus | null;
  readonly to: OrderStatus;
  readonly [detail: string]: unknown;
}

export type ImportView = Omit<ImportJob, "summary" | "by" | "resultPages" | "bodyHash"> & {
  readonly summary: ReturnType<typeof summaryView>;
  readonly createdBy: string;
  readonly results?: readonly RowResult[];
};

export interface Answers {
  readonly getStatus: StatusSnapshot;
  readonly streamStatus: Response;
  readonly listOrders: Page<OrderView>;
  readonly getOrder: OrderView;
  readonly listOrderEvents: Page<EventView>;
  readonly holdOrder: OrderView;
  readonly releaseOrder: OrderView;
  readonly cancelOrder: OrderView;
  readonly listFulfillmentOrders: Page<FulfillmentOrderView>;
  readonly getFulfillmentOrder: FulfillmentOrderView;
  readonly acceptFulfillmentOrder: FulfillmentOrderView;
  readonly rejectFulfillmentOrder: FulfillmentOrderView;
  readonly pickFulfillmentOrder: FulfillmentOrderView;
  readonly packFulfillmentOrder: FulfillmentOrderView;
  readonly shipFulfillmentOrder: FulfillmentOrderView;
  readonly readyFulfillmentOrder: FulfillmentOrderView;
  readonly collectFulfillmentOrder: FulfillmentOrderView;
  readonly listLocations: Page<Location>;
  readonly getLocation: Location;
  readonly getItem: { readonly sku: string; readonly name: string };
  readonly listStock: Page<StockLevel>;
  readonly adjustStock: { readonly data: readonly StockLevel[] };
  readonly countStock: { readonly data: readonly StockLevel[] };
  readonly importOrders: ImportView;
  readonly getImport: ImportView;
  readonly listImportResults: Page<RowResult>;
  readonly listImportMappings: Page<ImportMapping>;
  readonly getImportMapping: ImportMapping;
  readonly saveImportMapping: ImportMapping;
  readonly verifyStore: VerifyReport;
}

export type OperationName = keyof Answers;

/** The API in the name of one session. */
export interface Calls {
  readonly ask: <Operation extends OperationName>(
    operation: Operation,
    ask?: Ask,
  ) => Promise<Told<Answers[Operation]>>;
  readonly may: (operation: OperationName) => boolean;
}

export const callsBy = (api: InProcessApi, by: Principal): Calls => ({
  // The routes' own tests hold their answers to their schemas; `Answers` says the same in types.
  ask: <Operation extends OperationName>(operation: Operation, ask?: Ask) =>
    api.ask(operation, by, ask) as Promise<Told<Answers[Operation]>>,
  may: (operation) => api.allows(operation, by),
});
