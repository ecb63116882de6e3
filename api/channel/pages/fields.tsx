/** The settings of a channel as a form has them. */
import { type Channel, exposures, type SkuBuffer } from "../../../src/channel/channel.ts";
import { channelLimits } from "../../../src/channel/limits.ts";
import { textLimits } from "../../../src/kernel/limits.ts";
import type { Buffer } from "../../../src/stock/available-for.ts";
import { Field, Select, TextArea, words } from "../../dashboard/parts.tsx";
import { field, type FormFields } from "../../dashboard/visit.ts";

/** As a form has it, and a table: `5`, or `10 %`. */
export const bufferText = (buffer: Buffer | undefined): string =>
  buffer === undefined ? "" : "units" in buffer ? String(buffer.units) : `${buffer.percent} %`;

/** The amount that a text says, for the API to judge; absent where it says nothing. */
const bufferIn = (text: string): Partial<Record<"units" | "percent", number>> | undefined => {
  const [, amount = ""] = /^(.*?)\s*%$/.exec(text) ?? [];
  if (text === "") return undefined;
  return amount === "" ? { units: Number(text) } : { percent: Number(amount) };
};

const lineOf = (each: SkuBuffer): string => `${each.sku} = ${bufferText(each)}`;

/** A SKU may have anything in it but the end of a line: the last sign of equality counts. */
const lineIn = (line: string) => {
  const at = line.lastIndexOf("=");
  return {
    sku: line.slice(0, at < 0 ? undefined : at).trim(),
    ...bufferIn(at < 0 ? "" : line.slice(at + 1).trim()),
  };
};

const parted = (text: string, by: string): readonly string[] =>
  text.split(by).map((each) => each.trim()).filter((each) => each !== "");

const servedBy = [
  { value: "all", text: "All locations" },
  { value: "locationIds", text: "Only these" },
  { value: "excludeLocationIds", text: "All but these" },
];

/** A SKU, its buffer, and what is between them. */
const lineLength = textLimits.sku + 16;

export const ChannelFields = ({ of }: { readonly of?: Channel }) => (
  <>
    <Select
      label="Served by"
      name="served"
      value={of?.locationIds !== undefined
        ? "locationIds"
        : of?.excludeLocationIds !== undefined
        ? "excludeLocationIds"
        : "all"}
      choices={servedBy}
    />
    <Field
      label="Locations"
      name="locations"
      value={(of?.locationIds ?? of?.excludeLocationIds ?? []).join(", ")}
      maxLength={channelLimits.locations * textLimits.id}
      hint="Their ids, with commas between them"
    />
    <Field
      label="Kept back of each SKU"
      name="buffer"
      value={bufferText(of?.buffer)}
      maxLength={16}
      hint="Units such as 5, or a part such as 10 % of what its locations have available together"
    />
    <TextArea
      label="Kept back of single SKUs instead"
      name="buffers"
      id="channel-buffers"
      value={(of?.buffers ?? []).map(lineOf).join("\n")}
      rows={4}
      maxLength={channelLimits.buffers * lineLength}
      hint="One a line: MUG-01 = 5, or MUG-01 = 10 %"
    />
    <Select
      label="Is told of"
      name="exposes"
      value={of?.exposes ?? "sum"}
      choices={exposures.map((value) => ({ value, text: words(value) }))}
    />
  </>
);

/** The request that a form stands for. */
export const channelIn = (fields: FormFields) => {
  const served = field(fields, "served");
  const buffer = bufferIn(field(fields, "buffer"));
  return {
    ...(served === "locationIds" || served === "excludeLocationIds"
      ? { [served]: parted(field(fields, "locations"), ",") }
      : {}),
    ...(buffer === undefined ? {} : { buffer }),
    buffers: parted(field(fields, "buffers"), "\n").map(lineIn),
    exposes: field(fields, "exposes"),
  };
};
