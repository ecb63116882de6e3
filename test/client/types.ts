/** Makes the client's types from the OpenAPI document: `deno task client:types`. */
import openapiTypescript, { astToString } from "openapi-typescript";
import { openApiDocument } from "../../api/http/openapi.ts";
import { routes } from "../../api/routes.ts";
import { subjects } from "../../src/subjects.ts";

export const typesFile = new URL(
  "../../api/client/openapi.ts",
  import.meta.url,
);

const opening =
  "/** The API's types, made from its OpenAPI document by `deno task client:types`. */\n\n";

export const clientTypes = async (): Promise<string> => {
  const document = openApiDocument(
    routes,
    "0.0.0",
    subjects.eventTypes.values(),
  );
  // As it is served, without what JSON leaves out.
  const served = JSON.parse(JSON.stringify(document));
  return opening +
    astToString(await openapiTypescript(served, { immutable: true }));
};

if (import.meta.main) Deno.writeTextFileSync(typesFile, await clientTypes());
