/**
 * Loaded before the engine (`deno run --preload`): its clock is wrong by `CLOCK_OFFSET_MS`. Whatever of it
 * reads the time of day reads `Date`; waiting is not concerned, nor is the machine below.
 */
const offsetMs = Number(Deno.env.get("CLOCK_OFFSET_MS") ?? "0");
const RightDate = Date;
const wrongNow = (): number => RightDate.now() + offsetMs;

globalThis.Date = new Proxy(RightDate, {
  construct: (_, values, newTarget) =>
    Reflect.construct(RightDate, values.length === 0 ? [wrongNow()] : values, newTarget),
  get: (date, name) => name === "now" ? wrongNow : Reflect.get(date, name),
});
