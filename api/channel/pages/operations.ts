/** The operations on channels that pages ask for, and their answers. */
import type { Channel } from "../../../src/channel/channel.ts";
import type { ApiPage } from "../../dashboard/calls.ts";
import { operation } from "../../http/in-process.ts";
import * as channels from "../channels.ts";

export const listChannels = operation<ApiPage<Channel>>(channels.listChannels);
export const getChannel = operation<Channel>(channels.getChannel);
export const saveChannel = operation<Channel>(channels.saveChannel);
