/** What the dashboard shows of imports. */
import type { SubjectPages } from "../../dashboard/subject.ts";
import { importScripts } from "./assets.ts";
import { importJobPages } from "./import-job.tsx";
import { importPages } from "./imports.tsx";
import { listImports } from "./operations.ts";

export const pages: SubjectPages = {
  navigation: [{ name: "Imports", href: "/imports", needs: listImports }],
  pages: (app) => {
    importPages(app);
    importJobPages(app);
  },
  assets: importScripts,
};
