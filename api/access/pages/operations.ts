/** The operations on keys that pages ask for, and their answers. */
import type { ApiPage } from "../../dashboard/calls.ts";
import { operation } from "../../http/in-process.ts";
import * as keys from "../keys.ts";
import type { apiKeyView } from "../schemas.ts";

export type KeyView = ReturnType<typeof apiKeyView>;

/** The secret is null in a repeat. */
type CreatedKey = KeyView & { readonly key: string | null };

export const createKey = operation<CreatedKey>(keys.createKey);
export const listKeys = operation<ApiPage<KeyView>>(keys.listKeys);
export const getKey = operation<KeyView>(keys.getKey);
export const changeKey = operation<KeyView>(keys.changeKey);
export const revokeKey = operation<null>(keys.revokeKey);
