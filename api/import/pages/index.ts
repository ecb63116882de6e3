/** What the dashboard shows of imports. */
import type { Store } from "../../../src/store/store.ts";
import type { SubjectPages } from "../../dashboard/subject.ts";
import { importScripts } from "./assets.ts";
import { importJobPages } from "./import-job.tsx";
import { importPages } from "./imports.tsx";
import { listImportMappings } from "./operations.ts";

export const pages: SubjectPages<Store> = {
  navigation: [{ name: "Imports", href: "/imports", needs: listImportMappings }],
  pages: (app, run) => {
    importPages(app, run);
    importJobPages(app);
  },
  assets: importScripts,
};
