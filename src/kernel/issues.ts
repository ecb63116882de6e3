/** The faults that a schema found, in words, with JSON pointers (RFC 6901). */
import { SchemaIssue } from "effect";

/** One fault of an input. */
export interface InputFault {
  /** JSON pointer to it. */
  readonly pointer: string;
  readonly detail: string;
}

export const pointerOf = (path: readonly PropertyKey[]): string =>
  path.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

const typeNames: Readonly<Record<string, string>> = {
  Objects: "must be an object",
  Number: "must be a number",
};

const format = SchemaIssue.makeFormatterStandardSchemaV1({
  leafHook: (issue) => {
    switch (issue._tag) {
      case "MissingKey":
        return "is required";
      case "UnexpectedKey":
        return "is not known here";
      case "InvalidType":
        // A named schema would be called by its name, which says nothing to a client that sent something
        // else.
        return typeNames[issue.ast._tag] ?? SchemaIssue.defaultLeafHook(issue);
      default:
        return SchemaIssue.defaultLeafHook(issue);
    }
  },
});

/** Every issue, in the order of the schema. */
export const detailsOfIssue = (issue: SchemaIssue.Issue): readonly InputFault[] =>
  format(issue).issues.map(({ path, message }) => ({
    pointer: pointerOf(
      (path ?? []).map((segment) => typeof segment === "object" ? segment.key : segment),
    ),
    detail: message.startsWith("Expected ") ? `must be ${message.slice(9)}` : message,
  }));
