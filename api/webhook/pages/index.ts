/** The dashboard's pages of what leaves: webhook endpoints and their deliveries. */
import type { SubjectPages } from "../../dashboard/subject.ts";
import { deliveriesPages } from "./deliveries.tsx";
import { endpointPages } from "./endpoint.tsx";
import { listWebhooks } from "./operations.ts";

export const pages: SubjectPages = {
  navigation: [{ name: "Deliveries", href: "/deliveries", needs: listWebhooks }],
  pages: (app) => {
    deliveriesPages(app);
    endpointPages(app);
  },
};
