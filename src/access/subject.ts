/** The subject, as the machine knows it. */
import type { Subject } from "../subject/subject.ts";
import { accessRecords } from "./record.ts";

export const access: Subject = { name: "access", records: [accessRecords] };
