/** The dashboard's pages of messages to customers. */
import type { SubjectPages } from "../../dashboard/subject.ts";
import { messageStyles } from "./assets.ts";
import { messagesPages } from "./messages.tsx";
import { listTemplates } from "./operations.ts";
import { previewPages } from "./preview.tsx";
import { templatePages } from "./template.tsx";

export const pages: SubjectPages = {
  navigation: [{ name: "Messages", href: "/messages", needs: listTemplates }],
  pages: (app) => {
    messagesPages(app);
    templatePages(app);
    previewPages(app);
  },
  assets: messageStyles,
};
