/** The subjects of the engine, and the toy beside them. */
import { subjects } from "../../src/subjects.ts";
import { SubjectList } from "../../src/subject/subject.ts";
import { voucherSubject } from "./voucher.ts";

export const withVouchers = new SubjectList([...subjects.subjects, voucherSubject]);
