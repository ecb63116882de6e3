/** The dashboard's pages of channels. */
import type { SubjectPages } from "../../dashboard/subject.ts";
import { channelPages } from "./channels.tsx";
import { listChannels } from "./operations.ts";

export const pages: SubjectPages = {
  navigation: [{ name: "Channels", href: "/channels", needs: listChannels }],
  pages: channelPages,
};
