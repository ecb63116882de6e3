/** The dashboard's pages of API keys. */
import type { SubjectPages } from "../../dashboard/subject.ts";
import { keyPages } from "./keys.tsx";
import { listKeys } from "./operations.ts";

export const pages: SubjectPages = {
  navigation: [{ name: "Keys", href: "/keys", needs: listKeys }],
  pages: keyPages,
};
