/** What a subject shows in the dashboard. */
import type { Effect } from "effect";
import type { Operation } from "../http/in-process.ts";
import type { Asset } from "./assets.ts";
import type { Dashboard } from "./visit.ts";

/** A section of the dashboard, for those who may ask for what it shows. */
export interface NavigationEntry {
  readonly name: string;
  readonly href: string;
  readonly needs: Operation;
}

/** Runs an effect of the engine, for looks that no route of the API has. */
export type Run<Services> = <A, E>(effect: Effect.Effect<A, E, Services>) => Promise<A>;

/** `pages` is a method: so that the pages of one subject are those of subjects in general. */
export interface SubjectPages<out Services = never> {
  readonly navigation: readonly NavigationEntry[];
  /** Adds the subject's pages. */
  pages(app: Dashboard, run: Run<Services>): void;
  /** Scripts and styles of its own. */
  readonly assets?: readonly Asset[];
}
