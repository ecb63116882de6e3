/** Runs a check of a value that may have any shape: an error that it throws is a finding. */
import type { Key } from "../kernel/key.ts";
import type { Findings } from "./report.ts";

export const guarded = (findings: Findings, key: Key, check: () => void): void => {
  try {
    check();
  } catch (error) {
    findings.add("readable", [key], `The value has not the shape of its kind: ${error}.`);
  }
};
