/** Names of the authors of changes, for people. */
import { operation } from "../http/in-process.ts";
import type { SessionApi } from "./calls.ts";

const getKeyName = operation<{ readonly name: string }>({ operationId: "getKeyName" });

/** The name of an author; the id of a key that is revoked, or that the visitor may not see. */
export const nameOf = async (calls: SessionApi, by: string): Promise<string> => {
  if (by === "system") return "Allot";
  const told = await calls.ask(getKeyName, { params: { keyId: by } });
  return told.ok ? told.value.name : by;
};
