/** The subject, as the machine knows it. */
import type { Subject } from "../subject/subject.ts";
import { catalogRecords } from "./record.ts";

export const catalog: Subject = { name: "catalog", records: [catalogRecords] };
