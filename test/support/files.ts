/** Runs a test with the path of a store that is gone afterwards. */
export const withFile = async <A>(test: (path: string) => Promise<A>): Promise<A> => {
  const folder = await Deno.makeTempDir({ prefix: "allot-" });
  try {
    return await test(`${folder}/store.sqlite3`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
};
