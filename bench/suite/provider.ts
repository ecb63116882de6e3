/** A payment provider at the other end of an engine under measurement: it does at once whatever it is asked for. */
import { providerName } from "../traffic/life.ts";
import type { Server } from "./server.ts";

const localhost = "127.0.0.1";

export class BenchProvider {
  calls = 0;
  readonly #server = Deno.serve(
    { hostname: localhost, port: 0, onListen: () => {} },
    async (request) => {
      this.calls++;
      const { id } = await request.json();
      return Response.json({ status: "succeeded", reference: `at_${id}` });
    },
  );

  /** Makes it known to an engine. */
  async introduce({ url, key }: Pick<Server, "url" | "key">): Promise<void> {
    const answer = await fetch(`${url}/v1/providers/${providerName}`, {
      method: "PUT",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({
        type: "http",
        url: `http://${localhost}:${this.#server.addr.port}`,
        capabilities: { multipleCaptures: true },
      }),
    });
    if (!answer.ok) throw new Error(`The provider is not taken: ${await answer.text()}`);
    await answer.body?.cancel();
  }

  async close(): Promise<void> {
    await this.#server.shutdown();
  }
}
