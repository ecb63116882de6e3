/** The subject, as the machine knows it. */
import type { Subject } from "../subject/subject.ts";

export const access: Subject = { name: "access" };
