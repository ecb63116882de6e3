/** The dashboard's pages for administrators. */
import type { SubjectPages } from "../../dashboard/subject.ts";
import { verifyStore } from "./operations.ts";
import { verifyPages } from "./verify.tsx";

export const pages: SubjectPages = {
  navigation: [{ name: "Verify", href: "/verify", needs: verifyStore }],
  pages: verifyPages,
};
