/** The chapter of the API's description that imports and their mappings share. */
import type { Tag } from "../http/registry.ts";

export const importsTag: Tag = { name: "Imports", description: "Orders from files" };
