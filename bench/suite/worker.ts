/** A worker process as the suite holds it. */
import {
  type Audit,
  type Command,
  type Facts,
  linesOf,
  type Measure,
  type Measured,
  type Reply,
  type Subject,
} from "../worker/protocol.ts";
import { runArguments } from "./runtime.ts";

/** The worker said no, or ended. */
export class WorkerFailed extends Error {
  override readonly name = "WorkerFailed";
}

const program = new URL("../worker/main.ts", import.meta.url).pathname;
const encoder = new TextEncoder();

export class Worker {
  readonly #process: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: ReadableStreamDefaultReader<string>;
  #opened: Facts = {};
  #ended = false;

  private constructor(private readonly subject: Subject) {
    this.#process = new Deno.Command(Deno.execPath(), {
      args: runArguments(program),
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#writer = this.#process.stdin.getWriter();
    this.#lines = linesOf(this.#process.stdout).getReader();
    this.#process.status.finally(() => {
      this.#ended = true;
    });
  }

  static async open(subject: Subject): Promise<Worker> {
    const worker = new Worker(subject);
    try {
      worker.#opened = await worker.#ask({ type: "open", subject }) as Facts;
    } catch (error) {
      await worker.close();
      throw error;
    }
    return worker;
  }

  get opened(): Facts {
    return this.#opened;
  }

  get pid(): number {
    return this.#process.pid;
  }

  async measure(measure: Measure): Promise<Measured> {
    return await this.#ask({ type: "measure", measure }) as Measured;
  }

  async audit(): Promise<Audit> {
    return await this.#ask({ type: "audit" }) as Audit;
  }

  #closing: Promise<void> | undefined;

  close(): Promise<void> {
    return this.#closing ??= this.#end();
  }

  async #end(): Promise<void> {
    if (this.#ended) return;
    try {
      await this.#ask({ type: "close" });
      await this.#writer.close();
    } catch (error) {
      console.error(`${this.subject.kind}: ${error instanceof Error ? error.message : error}`);
      if (!this.#ended) this.#process.kill("SIGKILL");
    }
    await this.#process.status;
  }

  async #ask(command: Command): Promise<unknown> {
    await this.#writer.write(encoder.encode(`${JSON.stringify(command)}\n`));
    const { value, done } = await this.#lines.read();
    if (done) throw new WorkerFailed(`The worker for ${this.subject.kind} ended.`);
    const reply: Reply = JSON.parse(value);
    if (!reply.ok) throw new WorkerFailed(reply.detail);
    return reply.value;
  }
}
