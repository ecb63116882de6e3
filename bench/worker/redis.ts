/**
 * Redis, asked the way its users do: one Lua script an order, which checks and reserves the stock rows,
 * writes the document and claims the reference, all or nothing. The protocol is spoken bare, so that no
 * client library stands between.
 */
import { closedLoop } from "../load/drive.ts";
import { orderStream, plenty } from "../traffic/orders.ts";
import type { Contender } from "./protocol.ts";

/** KEYS: reference, document, stock rows. ARGV: id, document, quantities. */
const script = `
if redis.call('EXISTS', KEYS[1]) == 1 then return 'exists' end
for i = 3, #KEYS do
  local row = redis.call('HMGET', KEYS[i], 'onHand', 'reserved')
  if not row[1] or tonumber(row[1]) - tonumber(row[2]) < tonumber(ARGV[i]) then return 'short' end
end
for i = 3, #KEYS do redis.call('HINCRBY', KEYS[i], 'reserved', ARGV[i]) end
redis.call('SET', KEYS[2], ARGV[2])
redis.call('SET', KEYS[1], ARGV[1])
return 'ok'`;

export type RedisReply = string | number | null | readonly RedisReply[];

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A command in Redis' protocol: an array of bulk strings. */
export const commandBytes = (parts: readonly string[]): Uint8Array =>
  encoder.encode(
    `*${parts.length}\r\n${
      parts.map((part) => `$${encoder.encode(part).length}\r\n${part}\r\n`).join("")
    }`,
  );

interface Parsed {
  readonly reply: RedisReply;
  readonly end: number;
}

/** The reply at the beginning of the text; null while it is not all there. ASCII only. */
export const parseReply = (text: string, start = 0): Parsed | null => {
  const lineEnd = text.indexOf("\r\n", start);
  if (lineEnd < 0) return null;
  const line = text.slice(start + 1, lineEnd);
  const after = lineEnd + 2;
  switch (text[start]) {
    case "+":
      return { reply: line, end: after };
    case ":":
      return { reply: Number(line), end: after };
    case "-":
      throw new Error(`Redis: ${line}`);
    case "$": {
      const length = Number(line);
      if (length < 0) return { reply: null, end: after };
      if (text.length < after + length + 2) return null;
      return { reply: text.slice(after, after + length), end: after + length + 2 };
    }
    case "*": {
      const items: RedisReply[] = [];
      let at = after;
      for (let i = 0; i < Number(line); i++) {
        const item = parseReply(text, at);
        if (item === null) return null;
        items.push(item.reply);
        at = item.end;
      }
      return { reply: items, end: at };
    }
    default:
      throw new Error(`Not Redis' protocol: ${text.slice(start, start + 40)}`);
  }
};

class RedisConnection {
  readonly #buffer = new Uint8Array(65_536);

  constructor(private readonly socket: Deno.TcpConn) {}

  static async open(port: number): Promise<RedisConnection> {
    const socket = await Deno.connect({ hostname: "127.0.0.1", port });
    socket.setNoDelay(true);
    return new RedisConnection(socket);
  }

  async ask(...parts: readonly string[]): Promise<RedisReply> {
    const bytes = commandBytes(parts);
    for (let sent = 0; sent < bytes.length;) sent += await this.socket.write(bytes.subarray(sent));
    let text = "";
    while (true) {
      const read = await this.socket.read(this.#buffer);
      if (read === null) throw new Error("Redis closed the connection.");
      text += decoder.decode(this.#buffer.subarray(0, read));
      const parsed = parseReply(text);
      if (parsed !== null) return parsed.reply;
    }
  }

  close(): void {
    this.socket.close();
  }
}

export const openRedis = async (port: number, run: string): Promise<Contender> => {
  const { plan, order } = orderStream("hot", run);
  const own = await RedisConnection.open(port);
  await own.ask("FLUSHALL");
  const skus = plan.stock.flatMap((each) => each.skus);
  for (const sku of skus) {
    await own.ask("HSET", `stock:${sku}`, "onHand", String(plenty), "reserved", "0");
  }
  const sha = String(await own.ask("SCRIPT", "LOAD", script));
  const connections: RedisConnection[] = [];
  let sent = 0;
  let sold = 0;
  const send = async (_: number, client: number) => {
    const connection = connections[client] ??= await RedisConnection.open(port);
    const n = sent++;
    const wanted = order(n);
    const id = `${run}-${n}`;
    const reply = await connection.ask(
      "EVALSHA",
      sha,
      String(2 + wanted.lines.length),
      `reference:${wanted.channel}:${wanted.externalId}`,
      `order:${id}`,
      ...wanted.lines.map(({ sku }) => `stock:${sku}`),
      id,
      JSON.stringify({ id, status: "allocated", ...wanted }),
      ...wanted.lines.map(({ quantity }) => String(quantity)),
    );
    if (reply !== "ok") return { result: "refused" } as const;
    for (const { quantity } of wanted.lines) sold += quantity;
    return { result: "accepted" } as const;
  };
  return {
    measure: async ({ clients, seconds }) => ({
      ...await closedLoop({ clients, seconds, send }),
      facts: {},
    }),
    audit: async () => {
      let promised = 0;
      let excess = 0;
      for (const sku of skus) {
        const row = await own.ask("HMGET", `stock:${sku}`, "onHand", "reserved");
        if (!Array.isArray(row)) throw new Error(`Redis lost the row of ${sku}.`);
        promised += Number(row[1]);
        excess += Math.max(0, Number(row[1]) - Number(row[0]));
      }
      // Two keys an order, beside the stock rows.
      const orders = (Number(await own.ask("DBSIZE")) - skus.length) / 2;
      return { orders, unitsSold: promised, oversold: excess + Math.max(0, sold - promised) };
    },
    close: () => {
      for (const connection of [own, ...connections]) connection?.close();
    },
  };
};
