/** The reference of a change, as forms ask for it. */
import { field, type FormFields } from "../../dashboard/visit.ts";

/** Whatever the change refers to, when somebody said it. */
export const typedReference = (fields: FormFields) => {
  const reference = field(fields, "reference");
  return reference === "" ? {} : { reference };
};
