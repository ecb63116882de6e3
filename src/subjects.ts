/** The subjects of the engine: one line each. The machine knows them by this list alone. */
import { access } from "./access/subject.ts";
import { catalog } from "./catalog/subject.ts";
import { imports } from "./import/subject.ts";
import { lotSubject } from "./lot/subject.ts";
import { message } from "./messages.ts";
import { order } from "./order/subject.ts";
import { stockFeed } from "./stock-feed/subject.ts";
import { stockBalance } from "./stock/balance.ts";
import { stock } from "./stock/subject.ts";
import { payment } from "./payment/subject.ts";
import { SubjectList } from "./subject/subject.ts";
import { webhook } from "./webhook/subject.ts";

export const subjects = new SubjectList([
  order,
  payment,
  stock,
  catalog,
  access,
  imports,
  message,
  webhook,
  stockFeed,
  lotSubject(stockBalance.name),
]);
