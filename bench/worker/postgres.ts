/**
 * PostgreSQL, asked the two ways its users do: a transaction of several statements an order, and one call of
 * a stored procedure. Both check and reserve the stock rows, write the document and claim the reference.
 */
import postgres from "postgres";
import { closedLoop } from "../load/drive.ts";
import { orderStream, plenty } from "../traffic/orders.ts";
import type { Contender, Subject } from "./protocol.ts";

/** Each variant has tables of its own, in a schema of its name. */
const tables = `
create table stock (
  sku text primary key,
  on_hand bigint not null,
  reserved bigint not null check (reserved <= on_hand)
);
create table orders (
  id text primary key,
  channel text not null,
  external_id text not null,
  document jsonb not null,
  unique (channel, external_id)
);
create function place_order(
  order_id text, order_channel text, order_external_id text, order_document jsonb,
  skus text[], quantities bigint[]
) returns boolean language plpgsql as $$
begin
  for i in 1 .. array_length(skus, 1) loop
    update stock set reserved = reserved + quantities[i]
      where sku = skus[i] and on_hand - reserved >= quantities[i];
    if not found then raise exception 'insufficient stock'; end if;
  end loop;
  insert into orders values (order_id, order_channel, order_external_id, order_document);
  return true;
end $$;`;

/** One more for the audit; as many as its own limit allows beside it. */
const connections = 70;

export const openPostgres = async (
  { port, variant }: Extract<Subject, { readonly kind: "postgres" }>,
  run: string,
): Promise<Contender> => {
  const sql = postgres({
    host: "127.0.0.1",
    port,
    database: "postgres",
    username: "bench",
    max: connections,
    connection: { search_path: variant },
    onnotice: () => {},
  });
  const { plan, order } = orderStream("hot", run);
  await sql.unsafe(`drop schema if exists ${variant} cascade; create schema ${variant}; ${tables}`);
  for (const { skus } of plan.stock) {
    for (const sku of skus) await sql`insert into stock values (${sku}, ${plenty}, 0)`;
  }
  const transaction = (id: string, wanted: ReturnType<typeof order>) =>
    sql.begin(async (own) => {
      for (const { sku, quantity } of wanted.lines) {
        const { count } = await own`
          update stock set reserved = reserved + ${quantity}
          where sku = ${sku} and on_hand - reserved >= ${quantity}`;
        if (count !== 1) throw new Error("insufficient stock");
      }
      await own`
        insert into orders
        values (${id}, ${wanted.channel}, ${wanted.externalId}, ${own.json({ id, ...wanted })})`;
    });
  const procedure = (id: string, wanted: ReturnType<typeof order>) =>
    sql`select place_order(
      ${id}, ${wanted.channel}, ${wanted.externalId}, ${sql.json({ id, ...wanted })},
      ${wanted.lines.map(({ sku }) => sku)}, ${wanted.lines.map(({ quantity }) => quantity)}
    )`;
  const place = variant === "transaction" ? transaction : procedure;
  let sent = 0;
  return {
    measure: async ({ clients, seconds }) => {
      const send = async () => {
        const n = sent++;
        await place(`${run}-${n}`, order(n));
        return { result: "accepted" } as const;
      };
      return { ...await closedLoop({ clients, seconds, send }), facts: {} };
    },
    audit: async () => {
      const [stock] = await sql`
        select sum(reserved)::float8 as promised,
          sum(greatest(0, reserved - on_hand))::float8 as excess from stock`;
      const [placed] = await sql`
        select count(*)::float8 as orders,
          coalesce(sum(jsonb_array_length(document->'lines')), 0)::float8 as units from orders`;
      const unitsSold = Number(placed?.units);
      const apart = Math.abs(unitsSold - Number(stock?.promised));
      return { orders: Number(placed?.orders), unitsSold, oversold: Number(stock?.excess) + apart };
    },
    close: () => sql.end({ timeout: 2 }),
  };
};
