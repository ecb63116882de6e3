/** The subjects of the engine: one line each. The machine knows them by this list alone. */
import { access } from "./access/subject.ts";
import { calendar } from "./calendar/subject.ts";
import { catalog } from "./catalog/subject.ts";
import { channel } from "./channel/subject.ts";
import { imports } from "./import/subject.ts";
import { lotSubject } from "./lot/subject.ts";
import { message } from "./messages.ts";
import { order } from "./order/subject.ts";
import { stockFeed } from "./stock-feed/subject.ts";
import { reservation } from "./reservation/subject.ts";
import { stockBalance } from "./stock/balance.ts";
import { stock } from "./stock/subject.ts";
import { supply } from "./supply/subject.ts";
import { payment } from "./payment/subject.ts";
import { SubjectList } from "./subject/subject.ts";
import { webhook } from "./webhook/subject.ts";

export const subjects = new SubjectList([
  order,
  payment,
  stock,
  supply,
  catalog,
  calendar,
  access,
  imports,
  message,
  webhook,
  stockFeed,
  channel,
  reservation,
  lotSubject(stockBalance.name),
]);
