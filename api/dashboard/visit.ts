/** One look of one session at one page. */
import type { Context, Hono } from "hono";
import type { Principal } from "../../src/kernel/principal.ts";
import type { RefusedReply } from "../http/in-process.ts";
import type { KeyHolder } from "../http/authenticator.ts";
import type { Peer } from "../http/peer.ts";
import type { SessionApi } from "./calls.ts";
import type { SessionToken } from "./session.ts";
import type { DashboardEngine } from "./engine.ts";
import type { Format } from "./format.ts";
import type { NavigationEntry } from "./subject.ts";
import type { Position } from "../../src/store/log.ts";

export interface Visit {
  readonly by: Principal;
  readonly key: KeyHolder;
  readonly calls: SessionApi;
  readonly engine: DashboardEngine;
  readonly navigation: readonly NavigationEntry[];
  readonly session: SessionToken;
  readonly csrf: string;
  readonly format: Format;
  /** In which days begin and end for whoever looks. */
  readonly timeZone: string;
  readonly nowMs: number;
  /** The log position before anything of the page was read: live updates go on from here. */
  readonly position: Position;
  /** Path and query. */
  readonly target: string;
  /** The form that the page answers; absent where it answers none. */
  readonly sent?: SentForm;
}

/** A form that came in. Where it is refused, its page has it again as it was filled in. */
export interface SentForm {
  /** Where it was sent to. */
  readonly action: string;
  readonly fields: FormFields;
  /** The address of its page. */
  readonly page?: string;
}

// Hono wants an object type with such members.
export type DashboardEnvironment = {
  Bindings: Peer;
  Variables: { visit: Visit; fields: FormFields };
};
export type Dashboard = Hono<DashboardEnvironment>;
export type PageContext = Context<DashboardEnvironment>;

/** The fields of a posted form: texts only, one of each name. */
export type FormFields = ReadonlyMap<string, string>;

/** A field without the spaces around it; empty when it is not there. */
export const field = (fields: FormFields, name: string): string => (fields.get(name) ?? "").trim();

/** Query parameters that have a value, of those named. */
export const given = (
  c: PageContext,
  names: readonly string[],
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = c.req.query(name)?.trim() ?? "";
      return value === "" ? [] : [[name, value]];
    }),
  );

/** Each segment escaped: what a link holds may come from outside. */
export const path = (...segments: readonly string[]): string =>
  "/" + segments.map(encodeURIComponent).join("/");

/** Parameters that the target has already stay. */
export const withQuery = (
  target: string,
  query: Readonly<Record<string, string | undefined>>,
): string => {
  const [place = "", own] = target.split("?", 2);
  const parameters = new URLSearchParams(own);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== "") parameters.set(name, value);
  }
  const text = parameters.toString();
  return text === "" ? place : `${place}?${text}`;
};

/** The notice on top of a page: that something was done, or why it was not. */
export interface Notice {
  readonly refused?: RefusedReply | undefined;
  readonly done?: string | undefined;
}
