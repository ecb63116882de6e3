/**
 * Actions: a table of the commands of one thing. From it come the routes `POST <thing>/<action>` with their
 * descriptions, and the dashboard's forms for the same commands.
 */
import { Effect, Result, type Schema, SchemaParser } from "effect";
import type { Principal } from "../../src/kernel/principal.ts";
import type { FailureOf, FailureTable, GeneralFailure } from "./failures.ts";
import type { Permission } from "./permissions.ts";
import { fail, type NamedProblem } from "./problems.ts";
import {
  type Answer,
  type ApiRequest,
  emptyBody,
  jsonBody,
  type ResponseDefinition,
  route,
  type RouteDefinition,
  type ScopeRules,
  type Tag,
} from "./registry.ts";

/** The body of an action that needs nothing said. */
export type Nothing = Readonly<Record<string, never>>;

/** A text that the dashboard asks for. */
export interface ActionField {
  /** The member of the body. */
  readonly name: string;
  readonly label: string;
  /** Without it the member is left out when nothing is typed. */
  readonly required: boolean;
  readonly maxLength: number;
}

/** How the dashboard offers an action. */
export interface ActionWords {
  /** On its button. */
  readonly button: string;
  /** The words that open the form, where the button is not enough. */
  readonly opens?: string;
  readonly tone?: "main" | "danger";
  readonly fields?: readonly ActionField[];
  /** When it is done. */
  readonly done: string;
}

/**
 * An action of a table. `command` is a method, not a function value, so that one table takes actions with
 * different bodies.
 */
export interface Action<Body = unknown, Command = unknown> {
  readonly operationId: string;
  readonly summary: string;
  readonly permission: Permission;
  /** Without it the action has no body. A body whose members may all be absent may be absent itself. */
  readonly body?: Schema.Decoder<Body>;
  /** Problems beside those of all actions of the thing. */
  readonly problems?: readonly NamedProblem[];
  readonly description?: string;
  /** Why a key whose role has the permission may not ask for this all the same; null when it may. */
  refusal?(body: Body, by: Principal): string | null;
  command(body: Body, id: string, by: Principal): Command;
  readonly says: ActionWords;
}

/** Actions by the last segment of their path. */
export type Actions<Command> = Readonly<Record<string, Action<unknown, Command>>>;

export type ActionRequest<Params> = Omit<ApiRequest<Params, unknown, unknown>, "query" | "body">;

/** The parts that the actions of one kind of thing share. */
export interface ActionTarget<Params, Command, Services, Own extends FailureTable> {
  /** The path of the thing; an action adds its name. */
  readonly path: `/${string}`;
  readonly params: Schema.Decoder<Params>;
  readonly idOf: (params: Params) => string;
  readonly tags: readonly Tag[];
  readonly scopes: ScopeRules;
  readonly responses: Readonly<Record<number, ResponseDefinition>>;
  readonly problems: readonly NamedProblem[];
  readonly failures: Own;
  readonly act: (
    request: ActionRequest<Params>,
    command: Command,
  ) => Effect.Effect<Answer, GeneralFailure | FailureOf<Own>, Services>;
}

const bodyOf = (schema: Schema.Decoder<unknown> | undefined) => {
  if (schema === undefined) return emptyBody();
  const allAbsent = SchemaParser.decodeUnknownResult(schema)({});
  return jsonBody(schema, { required: Result.isFailure(allAbsent) });
};

/** A route for each action, in the table's order. */
export const actionRoutes = <Params, Command, Services, Own extends FailureTable>(
  target: ActionTarget<Params, Command, Services, Own>,
  actions: Actions<Command>,
): readonly RouteDefinition<Services>[] =>
  Object.entries(actions).map(([name, action]) => {
    const { path, params, idOf, tags, scopes, responses, problems, failures, act } = target;
    return route({
      method: "POST",
      path: `${path}/${name}`,
      operationId: action.operationId,
      summary: action.summary,
      ...(action.description === undefined ? {} : { description: action.description }),
      tags,
      permission: action.permission,
      scopes,
      params,
      body: bodyOf(action.body),
      responses,
      problems: [...problems, ...action.problems ?? []],
      failures,
      handler: (request) => {
        const { body, by } = request;
        const refusal = action.refusal?.(body, by) ?? null;
        return refusal === null
          ? act(request, action.command(body, idOf(request.params), by))
          : Effect.fail(fail("forbidden", refusal));
      },
    });
  });
