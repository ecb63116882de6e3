/** Webhook endpoints of an engine under measurement: made, stopped and let go on over its API. */
import type { Server } from "./server.ts";

interface Shown {
  readonly id: string;
  readonly secondsBehind: number;
  readonly waiting: number;
}

const lookMs = 100;
const mostLooks = 1_800;

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, lookMs));

export class Endpoints {
  #ids: readonly string[] = [];

  constructor(private readonly server: Server) {}

  /** Makes so many, all on one port of this machine. */
  async make(count: number, port: number): Promise<void> {
    const ids: string[] = [];
    for (let n = 0; n < count; n++) {
      const { id } = await this.#ask<Shown>("POST", "/v1/webhooks", {
        url: `http://127.0.0.1:${port}/${n}`,
        types: ["order.*"],
      });
      ids.push(id);
    }
    this.#ids = ids;
  }

  /** Until the lanes have sent everything: the time that takes is no other measurement's. */
  async drained(): Promise<void> {
    for (let look = 0, quiet = 0; look < mostLooks; look++) {
      const all = await Promise.all(
        this.#ids.map((id) => this.#ask<Shown>("GET", `/v1/webhooks/${id}`)),
      );
      const isQuiet = all.every((each) => each.secondsBehind === 0 && each.waiting === 0);
      quiet = isQuiet ? quiet + 1 : 0;
      if (quiet > 2) return;
      await pause();
    }
    throw new Error("The lanes do not come to their end.");
  }

  async turn(action: "disable" | "enable"): Promise<void> {
    for (const id of this.#ids) await this.#ask("POST", `/v1/webhooks/${id}/${action}`, {});
  }

  async #ask<A>(method: string, path: string, json?: unknown): Promise<A> {
    const { url, key } = this.server;
    const response = await fetch(new URL(path, url), {
      method,
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${text}`);
    return JSON.parse(text) as A;
  }
}
