/** The toy as an application has it: its routes beside the engine's, and somebody who takes its news. */
import { Effect } from "effect";
import { delivery, documentDelivery } from "../../actors/outbound/held-lane.ts";
import type { ApplicationParts } from "../../api/server.ts";
import { apiSubjects } from "../../api/subjects.ts";
import type { Message } from "../../src/outbound/message.ts";
import { placeWithVoucher } from "./placing.ts";
import { withVouchers } from "./subjects.ts";
import { seriesNews, voucherApi, voucherNews } from "./voucher.ts";

/** `onNews` is told of each message that is delivered. */
export const partsWithVouchers = (onNews: (message: Message) => void): ApplicationParts => ({
  subjects: withVouchers,
  api: [...apiSubjects, { ...voucherApi, routes: [...voucherApi.routes, placeWithVoucher] }],
  deliveries: {
    [voucherNews.name]: delivery((message) =>
      Effect.sync(() => {
        onNews(message);
        return { _tag: "Delivered" };
      })
    ),
    [seriesNews.name]: documentDelivery(seriesNews, {
      send: () => Effect.succeed({ _tag: "Delivered" }),
    }),
  },
});
