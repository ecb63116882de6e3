/** The files that a store is on disk: made for their owner alone, and looked at while they are open. */

/** Nobody but its owner may read a file, or write it. */
export const ownersOnly = 0o600;

/** SQLite's log of commits, and the memory that its handles share, stand beside the file. */
export const filesOf = (path: string): readonly string[] => [path, `${path}-wal`, `${path}-shm`];

/**
 * Lets nobody else read names, addresses and hashes of keys. SQLite gives the files beside the store the
 * store's mode, so the mode must be right before they are made. Where it cannot be set, opening the store
 * says what is wrong.
 *
 * It does not open a file that is there: closing the file would end the locks of all handles of this process
 * on it, and the next process that opens and closes the store would remove the log of commits from under
 * them.
 */
export const closeToOthers = async (path: string): Promise<void> => {
  if (Deno.build.os === "windows") return;
  try {
    const file = await Deno.open(path, { write: true, createNew: true, mode: ownersOnly });
    file.close();
  } catch {
    // It is there already, is of another owner, or stands in a folder that takes no files.
  }
  for (const each of filesOf(path)) {
    try {
      const found = await Deno.stat(each);
      if (found.isFile && ((found.mode ?? 0) & 0o077) !== 0) await Deno.chmod(each, ownersOnly);
    } catch {
      // It is not there, or of another owner.
    }
  }
};

/** The parts of a store on disk. */
export type StorePart = "database" | "wal" | "shm";

/** Bytes of the files; of one that is not there, none. */
export const sizesOf = (path: string): Readonly<Record<StorePart, number>> => {
  const [database = 0, wal = 0, shm = 0] = filesOf(path).map((each) => {
    try {
      return Deno.statSync(each).size;
    } catch {
      // Not made yet, or taken away: the store itself says so.
      return 0;
    }
  });
  return { database, wal, shm };
};

/** Tells one file from another, whatever their names. */
interface Identity {
  readonly device: number;
  readonly inode: number | null;
}

const identityOf = (path: string): Identity | null => {
  try {
    const { dev, ino } = Deno.statSync(path);
    return { device: dev, inode: ino };
  } catch {
    return null;
  }
};

/**
 * Whether the files at a path are those that are open. Deleted or replaced, they still take commits, and all of
 * them are gone when the process ends.
 */
export class StoreFiles {
  readonly #open = new Map<string, Identity>();
  #isLost = false;

  /** To be made before the store is opened. */
  constructor(private readonly path: string) {
    this.#note(path);
  }

  /** Whether they were not there when they were last looked for. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Says what is wrong with the files; null while they are where they were. */
  look(): string | null {
    const wrong = this.#wrong();
    this.#isLost = wrong !== null;
    return wrong;
  }

  #wrong(): string | null {
    for (const path of filesOf(this.path)) {
      const known = this.#open.get(path);
      if (known === undefined) {
        this.#note(path);
        continue;
      }
      const now = identityOf(path);
      if (now === null) return `${path} was deleted or moved away while it was open.`;
      if (now.inode !== known.inode || now.device !== known.device) {
        return `${path} was replaced by another file while it was open.`;
      }
    }
    return null;
  }

  /** SQLite makes the files beside the store later, and keeps them for as long as the store is open. */
  #note(path: string): void {
    const found = identityOf(path);
    if (found !== null) this.#open.set(path, found);
  }
}
