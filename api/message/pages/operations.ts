/** The operations on messages that pages ask for, and their answers. */
import type { ApiPage } from "../../dashboard/calls.ts";
import type { StatusSnapshot } from "../../../src/status/snapshot.ts";
import { operation } from "../../http/in-process.ts";
import * as status from "../../status/status.ts";
import * as channels from "../channels.ts";
import * as preview from "../preview.ts";
import * as templates from "../templates.ts";

export interface TemplateRow {
  readonly kind: string;
  readonly language: string;
  readonly source: "saved" | "shipped";
  readonly updatedAt?: string;
  readonly version?: number;
}

export interface TemplatesView {
  readonly kinds: readonly { readonly name: string; readonly description: string }[];
  readonly data: readonly TemplateRow[];
}

export interface TemplateView {
  readonly kind: string;
  readonly language: string;
  readonly source: "saved" | "shipped";
  readonly subject: string;
  readonly html: string;
  readonly text?: string;
  readonly version?: number;
}

export interface ChannelView {
  readonly channel: string;
  readonly enabled: boolean;
  readonly from?: string;
  readonly shopName?: string;
  readonly language?: string;
  readonly timeZone?: string;
  readonly version: number;
}

export type { PreviewView } from "../preview.ts";

export const listTemplates = operation<TemplatesView>(templates.listTemplates);
export const getTemplate = operation<TemplateView>(templates.getTemplate);
export const saveTemplate = operation<TemplateView>(templates.saveTemplate);
export const removeTemplate = operation<null>(templates.removeTemplate);
export const previewTemplate = operation<preview.PreviewView>(preview.previewTemplate);
export const listChannels = operation<ApiPage<ChannelView>>(channels.listMessageChannels);
export const saveChannel = operation<ChannelView>(channels.saveMessageChannel);
export const removeChannel = operation<null>(channels.removeMessageChannel);
export const getStatus = operation<StatusSnapshot>(status.getStatus);
