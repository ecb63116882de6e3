/** The routes of messages to customers. */
import { channelRoutes } from "./channels.ts";
import { listOrderMessages } from "./order-messages.ts";
import { templateRoutes } from "./templates.ts";

export const messageRoutes = [...templateRoutes, ...channelRoutes, listOrderMessages];
