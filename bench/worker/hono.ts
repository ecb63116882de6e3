/** What HTTP can do: a bare Hono route that parses the same body and answers with it. */
import { Hono } from "hono";
import type { Contender } from "./protocol.ts";

export const openHono = (): Contender => {
  const app = new Hono();
  app.post("/v1/orders", async (context) => context.json(await context.req.json(), 201));
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, app.fetch);
  return {
    opened: { port: server.addr.port },
    measure: () => Promise.reject(new Error("This is a server: measure it with a load generator.")),
    close: () => server.shutdown(),
  };
};
