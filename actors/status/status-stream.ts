/**
 * The readers of the status stream. A live reader gets each entry in the tick in which it is counted; a
 * resuming one reads the store at its own pace until it has caught up. The stream waits for nobody.
 */
import { Effect, Latch, Metric, Option, Result, type Scope } from "effect";
import type { Scope as KeyScope } from "../../src/kernel/principal.ts";
import { requestLimits } from "../../src/kernel/limits.ts";
import { streamLimits } from "../../src/status/limits.ts";
import { logLimits } from "../../src/store/limits.ts";
import type { ChangeFilter } from "../../src/status/changes.ts";
import { eventIdOf, type EventPlace, parseEventId } from "../../src/subject/event.ts";
import {
  EntryFrames,
  filterName,
  type Frame,
  frameOf,
  heartbeatFrame,
  retryFrame,
} from "../../src/status/frames.ts";
import type { StatusSnapshot } from "../../src/status/snapshot.ts";
import { beginning, type LogEntry, type Position } from "../../src/store/log.ts";
import type { StoreError } from "../../src/store/store.ts";
import type { RecordKinds } from "../../src/subject/record.ts";
import { LiveReaders } from "./live-readers.ts";
import type { LogTail } from "../log/log-tail.ts";
import { Overloaded } from "../ledger/unit.ts";

export interface StreamRequest {
  readonly filter: ChangeFilter;
  /** The reader's key: no key has all the streams that there may be. */
  readonly keyId: string;
  /** The scope of the reader's key: narrows the snapshots. */
  readonly scope: KeyScope;
  /** The last event id that the reader has seen. */
  readonly after?: string | undefined;
}

/** One open stream: the body of its response. */
export interface StatusReader {
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Ends the stream; for when the server stops. */
  readonly close: () => void;
  /** Called once, when the stream has ended for any reason; at once where it has. */
  readonly onEnd: (listener: () => void) => void;
}

/** The reader took its messages more slowly than they came. The runtime prints it: where it was made is no news. */
class TooSlow extends Error {
  override readonly name = "TooSlow";
  override readonly stack = "A reader of the status stream was too slow and was dropped.";
}

const streamReaders = Metric.gauge("allot_stream_readers", {
  description: "Readers of the status stream",
});
const waitingMessages = Metric.gauge("allot_stream_waiting_messages", {
  description: "Messages that wait for readers of the status stream, of all together",
});
const longestQueue = Metric.gauge("allot_stream_longest_queue_messages", {
  description: "Messages that wait for the slowest reader of the status stream",
});
const droppedReaders = Metric.counter("allot_stream_dropped_readers_total", {
  description: "Readers of the status stream that were dropped because they were too slow",
  incremental: true,
});

class Reader {
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly filterName: string;
  readonly scopeName: string;
  /** Entries up to here are not sent again; of a live reader the last that it saw something of. */
  position: Position = beginning;
  open = true;
  readonly listeners: (() => void)[] = [];
  /** Opened whenever the reader takes something, and when it ends. */
  readonly taken = Latch.makeUnsafe(false);
  #controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
  /** Messages in the frame that is being queued. */
  #messages = 0;

  constructor(readonly request: StreamRequest, private readonly onEnd: (reader: Reader) => void) {
    this.filterName = filterName(request.filter);
    this.scopeName = JSON.stringify([request.scope.channel, request.scope.locationId]);
    this.body = new ReadableStream(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => void this.taken.openUnsafe(),
        cancel: () => this.#end(),
      },
      { highWaterMark: streamLimits.waitingMessages, size: () => this.#messages },
    );
  }

  get waiting(): number {
    return this.open ? streamLimits.waitingMessages - this.room : 0;
  }

  /** Messages that may still wait. */
  get room(): number {
    return this.#controller?.desiredSize ?? 0;
  }

  /** False when there was no room. */
  push(frame: Frame): boolean {
    if (!this.open || this.room < frame.messages) return false;
    this.#messages = frame.messages;
    this.#controller?.enqueue(frame.bytes);
    return true;
  }

  /** The response ends as it should; waiting messages are still sent. */
  close(): void {
    if (!this.open) return;
    this.#controller?.close();
    this.#end();
  }

  /** The response breaks off, so that nothing is left waiting for a reader that does not read. */
  drop(): void {
    if (!this.open) return;
    this.#controller?.error(new TooSlow("The reader is too slow."));
    this.#end();
  }

  #end(): void {
    if (!this.open) return;
    this.open = false;
    this.taken.openUnsafe();
    this.onEnd(this);
    for (const listener of this.listeners.splice(0)) listener();
  }
}

export interface StreamSource {
  readonly tail: LogTail["Service"];
  readonly kinds: RecordKinds;
  /** Up to here everything has been broadcast. */
  readonly position: () => Position;
  readonly isTooOld: (position: Position) => boolean;
  /** The snapshot as of `position`, without a wait. */
  readonly snapshot: (scope: KeyScope) => StatusSnapshot;
  /** The scope in which resuming readers catch up. */
  readonly scope: Scope.Scope;
}

export class StatusStream {
  readonly #readers = new Set<Reader>();
  /** Readers that have caught up. */
  readonly #live = new LiveReaders<Reader>();
  #dropped = 0;
  #closed = false;

  constructor(private readonly source: StreamSource) {}

  get readers(): number {
    return this.#readers.size;
  }

  /** The frames of an entry to broadcast; null when no reader would get any. */
  framesOf(entry: LogEntry): EntryFrames | null {
    return this.#live.isEmpty ? null : new EntryFrames(entry, this.source.kinds);
  }

  /** The frames of an entry; null when it cannot be told. */
  readableFrames(entry: LogEntry): EntryFrames | null {
    return Result.getOrElse(
      Result.try(() => new EntryFrames(entry, this.source.kinds)),
      () => null,
    );
  }

  /** To all live readers, in one tick. */
  broadcast(entry: LogEntry, frames: EntryFrames | null): void {
    if (frames === null) return;
    // A reader that is too slow is dropped meanwhile.
    for (const reader of [...this.#live.of(frames)]) {
      if (entry.position <= reader.position) continue;
      reader.position = entry.position;
      const frame = frames.frame(reader.request.filter, reader.filterName);
      if (frame !== null) this.#push(reader, frame);
    }
  }

  /** A snapshot to all live readers, made once for each scope. */
  broadcastSnapshot(): void {
    const frames = new Map<string, Frame>();
    const upTo = this.source.position();
    for (const reader of [...this.#live]) {
      // Resumed from a process that is further ahead, a reader would be sent back, and told things twice.
      if (reader.position > upTo) continue;
      let frame = frames.get(reader.scopeName);
      if (frame === undefined) {
        frame = this.#snapshotFrame(reader, true);
        frames.set(reader.scopeName, frame);
      }
      this.#push(reader, frame);
    }
  }

  heartbeat(): void {
    for (const reader of this.#readers) this.#push(reader, heartbeatFrame);
  }

  readonly open = Effect.fnUntraced(
    function* (this: StatusStream, request: StreamRequest): Effect.fn.Return<
      StatusReader,
      Overloaded | StoreError
    > {
      if (
        this.#closed || this.#readers.size >= streamLimits.readers ||
        this.#readersOf(request.keyId) >= streamLimits.readersPerKey
      ) {
        return yield* new Overloaded({
          what: "Readers of the status stream",
          retryAfterSeconds: requestLimits.retryAfterSeconds,
        });
      }
      const reader = new Reader(request, (ended) => {
        this.#readers.delete(ended);
        this.#live.delete(ended);
      });
      this.#readers.add(reader);
      reader.push(retryFrame(streamLimits.retryMs));
      const resumed = request.after === undefined || request.after === ""
        ? null
        : yield* Effect.onError(
          this.#resumable(request.after),
          () => Effect.sync(() => reader.close()),
        );
      if (resumed === null) {
        if (request.after !== undefined && request.after !== "") {
          const data = { reason: "The position is unknown or too old.", after: request.after };
          reader.push(frameOf("reset", data));
        }
        this.#goLive(reader);
      } else {
        // Without an id: the reader has not seen the changes that the snapshot counts, and must not resume
        // from it.
        reader.push(this.#snapshotFrame(reader, false));
        yield* Effect.forkIn(this.#catchUp(reader, resumed), this.source.scope);
      }
      return {
        body: reader.body,
        close: () => reader.close(),
        onEnd: (listener) => {
          if (reader.open) reader.listeners.push(listener);
          else listener();
        },
      };
    },
  ).bind(this);

  #readersOf(keyId: string): number {
    let count = 0;
    for (const { request } of this.#readers) if (request.keyId === keyId) count++;
    return count;
  }

  /** Ends all streams, and takes no more. */
  close(): void {
    this.#closed = true;
    for (const reader of [...this.#readers]) reader.close();
  }

  readonly updateMetrics = Effect.suspend(() => {
    const dropped = this.#dropped;
    this.#dropped = 0;
    let waiting = 0;
    let most = 0;
    for (const reader of this.#readers) {
      waiting += reader.waiting;
      most = Math.max(most, reader.waiting);
    }
    return Effect.all([
      Metric.update(streamReaders, this.#readers.size),
      Metric.update(droppedReaders, dropped),
      Metric.update(waitingMessages, waiting),
      Metric.update(longestQueue, most),
    ], { discard: true });
  });

  #push(reader: Reader, frame: Frame): void {
    if (!reader.open || reader.push(frame)) return;
    this.#dropped++;
    reader.drop();
  }

  #snapshotFrame(reader: Reader, withId: boolean): Frame {
    const snapshot = this.source.snapshot(reader.request.scope);
    return frameOf(
      "snapshot",
      snapshot,
      withId && snapshot.position !== beginning ? eventIdOf(snapshot.position, null) : undefined,
    );
  }

  /** In one tick: the snapshot counts exactly the changes that do not come after it. */
  #goLive(reader: Reader): void {
    reader.position = this.source.position();
    this.#push(reader, this.#snapshotFrame(reader, true));
    if (reader.open) this.#live.add(reader);
  }

  /** The rest of the entry in which the reader stopped; null when it has to start anew. */
  readonly #resumable = Effect.fnUntraced(
    function* (this: StatusStream, after: string) {
      const from = parseEventId(after);
      if (from === null || this.source.isTooOld(from.position)) return null;
      const entry = yield* this.source.tail.entry(from.position);
      if (entry === null) return null;
      const frames = this.readableFrames(entry);
      if (frames === null) return null;
      if (from.index !== null && from.index >= frames.length) return null;
      return { from, frames };
    },
  ).bind(this);

  readonly #catchUp = (
    reader: Reader,
    resumed: { readonly from: EventPlace; readonly frames: EntryFrames },
  ) =>
    Effect.catch(
      this.#sendMissed(reader, resumed),
      // The reader comes back with its last id and finds the store well again.
      (error) =>
        Effect.andThen(
          Effect.logWarning("A reader of the status stream cannot catch up", error),
          Effect.sync(() => reader.drop()),
        ),
    );

  readonly #sendMissed = Effect.fnUntraced(
    function* (
      this: StatusStream,
      reader: Reader,
      { from, frames }: { readonly from: EventPlace; readonly frames: EntryFrames },
    ): Effect.fn.Return<void, StoreError> {
      const { filter } = reader.request;
      if (from.index !== null) {
        yield* this.#pushSlowly(reader, frames.frameAfter(filter, from.index));
      }
      reader.position = from.position;
      while (reader.open && reader.position < this.source.position()) {
        const upTo = this.source.position();
        const entries = yield* this.source.tail.read(reader.position, logLimits.entriesPerRead);
        for (const entry of entries) {
          if (entry.position > upTo) break;
          const frames = this.readableFrames(entry);
          if (frames !== null) yield* this.#pushSlowly(reader, frames.frameAfter(filter, -1));
          reader.position = entry.position;
        }
      }
      if (reader.open) this.#live.add(reader);
    },
  ).bind(this);

  /** Waits for the reader to make room, but not for long. */
  readonly #pushSlowly = Effect.fnUntraced(
    function* (this: StatusStream, reader: Reader, frame: Frame | null) {
      if (frame === null) return;
      while (reader.open) {
        reader.taken.closeUnsafe();
        // Half stays free for messages that come when the reader has just gone live.
        const wanted = streamLimits.waitingMessages / 2 + frame.messages;
        if (reader.room >= Math.min(wanted, streamLimits.waitingMessages)) break;
        const taken = yield* Effect.timeoutOption(reader.taken.await, streamLimits.stalledMs);
        if (Option.isNone(taken)) {
          this.#dropped++;
          reader.drop();
        }
      }
      this.#push(reader, frame);
    },
  ).bind(this);
}
