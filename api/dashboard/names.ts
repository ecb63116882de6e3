/** What people call whoever did something. */
import { operation } from "../http/in-process.ts";
import type { SessionApi } from "./calls.ts";

const getKeyName = operation<{ readonly name: string }>({ operationId: "getKeyName" });

/** Of a revoked key, and of one that is none of the visitor's, the id says enough. */
export const nameOf = async (calls: SessionApi, by: string): Promise<string> => {
  if (by === "system") return "Allot";
  const told = await calls.ask(getKeyName, { params: { keyId: by } });
  return told.ok ? told.value.name : by;
};
