/** The version on which a form's change stands: what somebody else has saved meanwhile is not lost. */
import type { Ask } from "../../http/in-process.ts";
import { field, type FormFields } from "../../dashboard/visit.ts";

type StandsOn = Pick<Ask, "ifMatch" | "headers">;

export const onNothing = (): StandsOn => ({ headers: new Headers({ "if-none-match": "*" }) });

export const onItsVersion = (fields: FormFields): StandsOn => ({
  ifMatch: field(fields, "version"),
});
