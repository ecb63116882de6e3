/** The dashboard's home page: the status now. */
import type { SubjectPages } from "../../dashboard/subject.ts";
import { chartScripts, chartStyles } from "./assets.ts";
import { getStatus } from "./operations.ts";
import { overviewPages } from "./overview.tsx";

export const pages: SubjectPages = {
  navigation: [{ name: "Overview", href: "/", needs: getStatus }],
  pages: overviewPages,
  assets: [...chartScripts, ...chartStyles],
};
