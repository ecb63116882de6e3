/** The subjects of the engine: one line each. The machine knows them by this list alone. */
import { access } from "./access/subject.ts";
import { catalog } from "./catalog/subject.ts";
import { imports } from "./import/subject.ts";
import { order } from "./order/subject.ts";
import { stock } from "./stock/subject.ts";
import { SubjectList } from "./subject/subject.ts";

export const subjects = new SubjectList([
  order,
  stock,
  catalog,
  access,
  imports,
]);
