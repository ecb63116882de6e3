/** The subject, as the machine knows it. */
import type { Subject } from "../subject/subject.ts";

export const order: Subject = { name: "order" };
