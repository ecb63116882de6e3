/** The file that is the store where nothing else is said, in the working folder. */
const defaultKvPath = "allot.sqlite3";

/**
 * The path of the store, by the environment: `ALLOT_KV`, else on Deno Deploy the attached database
 * (undefined), else a file in the working folder.
 */
export const kvPathOf = (
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined => {
  const given = environment["ALLOT_KV"]?.trim();
  if (given !== undefined && given !== "") return given;
  return environment["DENO_DEPLOYMENT_ID"] === undefined ? defaultKvPath : undefined;
};

/** Whether it is the address of a KV server. */
export const isRemoteStore = (path: string | undefined): boolean => /^https?:/.test(path ?? "");

export const isStoreFile = (path: string | undefined): path is string =>
  path !== undefined && path !== ":memory:" && !isRemoteStore(path);
