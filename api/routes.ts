/** Every route that the app serves. */
import type { EngineServices } from "../actors/engine.ts";
import type { SubjectList } from "../src/subject/subject.ts";
import { subjects as engineSubjects } from "../src/subjects.ts";
import type { RouteDefinition } from "./http/registry.ts";
import { descriptionRoutes, systemRoutes } from "./http/system.ts";
import { type ApiSubject, apiSubjects, type SubjectServices } from "./subjects.ts";

type ServicesOfRoute<Route> = Route extends RouteDefinition<infer Services> ? Services : never;

/** The handlers of routes may ask for all that the engine offers. */
export type RouteServices =
  | EngineServices
  | SubjectServices
  | ServicesOfRoute<(typeof systemRoutes)[number]>;

/** The routes of subjects, and those of the process itself. */
export const routesOf = (
  subjects: readonly ApiSubject<RouteServices>[],
  { eventTypes }: Pick<SubjectList, "eventTypes"> = engineSubjects,
): readonly RouteDefinition<RouteServices>[] => {
  const described = [...subjects.flatMap(({ routes }) => routes), ...systemRoutes];
  return [...described, ...descriptionRoutes(described, eventTypes.values())];
};

export const routes = routesOf(apiSubjects);
