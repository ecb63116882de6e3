/** A subject's part of the dashboard. */
import type { Operation } from "../http/in-process.ts";
import type { Asset } from "./assets.ts";
import type { Dashboard } from "./visit.ts";

/** A section of the dashboard, for those who may ask for what it shows. */
export interface NavigationEntry {
  readonly name: string;
  readonly href: string;
  readonly needs: Operation;
}

export interface SubjectPages {
  readonly navigation: readonly NavigationEntry[];
  /** Adds the subject's pages. They ask the engine by its routes alone, in the name of who looks at them. */
  readonly pages: (app: Dashboard) => void;
  /** Scripts and styles of its own. */
  readonly assets?: readonly Asset[];
}
