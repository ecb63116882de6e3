/**
 * `deno task contract` writes down what the API promises now, in `v1.json`. What was promised there must hold
 * from then on: lines may be added at any time, and are taken away only when what they tell of has gone after its
 * day of sunset.
 */
import { openApiDocument } from "../../../api/http/openapi.ts";
import { routes } from "../../../api/routes.ts";
import { subjects } from "../../../src/subjects.ts";
import { promisesOf } from "./promises.ts";

const file = new URL("v1.json", import.meta.url);
const promises = promisesOf(openApiDocument(routes, "0.0.0", subjects.eventTypes.values()));
await Deno.writeTextFile(file, `${JSON.stringify(promises, null, 1)}\n`);
console.log(`${promises.promises.length} promises, ${promises.demands.length} demands`);
