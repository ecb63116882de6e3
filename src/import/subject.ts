/** The subject, as the machine knows it. */
import type { Subject } from "../subject/subject.ts";
import { importMappings } from "./references.ts";

export const imports: Subject = { name: "import", references: [importMappings] };
