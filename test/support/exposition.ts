/**
 * Prometheus's text format, version 0.0.4, read strictly: whatever its documentation does not allow, or calls a
 * bad habit, throws.
 */
import assert from "node:assert/strict";

export interface Sample {
  /** As it stands in the line: of a histogram, with its suffix. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram" | "summary" | "untyped";
  readonly help: string;
  readonly samples: readonly Sample[];
}

const types = ["counter", "gauge", "histogram", "summary", "untyped"] as const;

const helpLine = /^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) ((?:[^\\]|\\\\|\\n)+)$/;
const typeLine = /^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (\w+)$/;
const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{.*\})? (\S+)$/;
const labelForm = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(,|$)/;

const labelsIn = (text: string | undefined): Readonly<Record<string, string>> => {
  const labels: Record<string, string> = {};
  let rest = (text ?? "{}").slice(1, -1);
  while (rest !== "") {
    const [whole = "", name = "", value = "", end] = labelForm.exec(rest) ?? [];
    assert.ok(whole !== "", `no label: ${rest}`);
    assert.ok(!name.startsWith("__"), `${name} is Prometheus's own`);
    assert.ok(!Object.hasOwn(labels, name), `${name} comes twice`);
    labels[name] = value.replace(/\\(["\\n])/g, (_, each) => each === "n" ? "\n" : each);
    rest = rest.slice(whole.length);
    assert.ok(end !== "," || rest !== "", "a comma ends the labels");
  }
  return labels;
};

const valueOf = (text: string): number => {
  if (text === "NaN") return Number.NaN;
  if (text === "+Inf") return Number.POSITIVE_INFINITY;
  if (text === "-Inf") return Number.NEGATIVE_INFINITY;
  assert.match(text, /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i, `no number: ${text}`);
  return Number(text);
};

/** The family that a sample is of: histograms and summaries have three names. */
const belongsTo = (name: string, family: Family): boolean =>
  name === family.name ? family.type !== "histogram" : (family.type === "histogram" &&
    new RegExp(`^${family.name}_(?:bucket|sum|count)$`).test(name)) ||
    (family.type === "summary" && new RegExp(`^${family.name}_(?:sum|count)$`).test(name));

const seriesOf = ({ labels }: Sample, without?: string): string =>
  JSON.stringify(Object.entries(labels).filter(([name]) => name !== without).sort());

const checkHistogram = ({ name, samples }: Family): void => {
  const named = (suffix: string) => samples.filter((sample) => sample.name === `${name}_${suffix}`);
  const series = new Map<string, Sample[]>();
  for (const sample of named("bucket")) {
    const key = seriesOf(sample, "le");
    series.set(key, [...series.get(key) ?? [], sample]);
  }
  const one = (suffix: string, key: string): number => {
    const found = named(suffix).filter((sample) => seriesOf(sample) === key);
    assert.equal(found.length, 1, `${name}_${suffix} ${key}`);
    return found[0]?.value ?? Number.NaN;
  };
  assert.equal(named("count").length, series.size, name);
  for (const [key, buckets] of series) {
    const bounds = buckets.map(({ labels }) => valueOf(labels["le"] ?? ""));
    assert.deepEqual(bounds, bounds.toSorted((a, b) => a - b), `${name}: bounds are in order`);
    assert.equal(new Set(bounds).size, bounds.length, `${name}: bounds differ`);
    assert.equal(bounds.at(-1), Number.POSITIVE_INFINITY, `${name}: the last bound is +Inf`);
    const counts = buckets.map(({ value }) => value);
    assert.deepEqual(counts, counts.toSorted((a, b) => a - b), `${name}: counts add up`);
    assert.equal(counts.at(-1), one("count", key), `${name}: +Inf counts all`);
    assert.ok(Number.isFinite(one("sum", key)), `${name}: a sum`);
  }
};

/** Base units and suffixes, as Prometheus asks for them. */
const checkName = ({ name, type }: Family): void => {
  assert.match(name, /^[a-z][a-z0-9_]*$/, `${name} is in lower case`);
  assert.equal(/_total$/.test(name), type === "counter", `${name}: counters end in _total`);
  assert.doesNotMatch(name, /_(?:ms|milliseconds|minutes|hours|kb|mb|percent)(?:_|$)/, name);
  assert.doesNotMatch(name, /_(?:count|sum|bucket)$/, name);
  assert.doesNotMatch(name, /counter|gauge|histogram/, `${name}: its type is no part of it`);
};

const checkFamily = (family: Family): void => {
  const { name, type, samples } = family;
  checkName(family);
  assert.ok(samples.length > 0, `${name} has no sample`);
  const seen = new Set<string>();
  for (const sample of samples) {
    const series = `${sample.name} ${seriesOf(sample)}`;
    assert.ok(!seen.has(series), `${series} comes twice`);
    seen.add(series);
    const isBucket = sample.name === `${name}_bucket`;
    assert.equal(Object.hasOwn(sample.labels, "le"), isBucket, series);
    if (type === "counter" || isBucket) assert.ok(sample.value >= 0, `${series} is not negative`);
  }
  if (type === "histogram") checkHistogram(family);
};

/** The families of a text, in its order. Throws where it is not as it must be. */
export const readExposition = (text: string): readonly Family[] => {
  assert.ok(text.endsWith("\n"), "the last line ends");
  assert.ok(!text.includes("\r"), "lines end with a line feed");
  const families: (Family & { readonly samples: Sample[] })[] = [];
  let help = null as { readonly name: string; readonly text: string } | null;
  for (const line of text.slice(0, -1).split("\n")) {
    const helped = helpLine.exec(line);
    const typed = typeLine.exec(line);
    if (helped !== null) {
      assert.equal(help, null, `${line}: no type for the help before`);
      help = { name: helped[1] ?? "", text: helped[2] ?? "" };
    } else if (typed !== null) {
      const [, name = "", word] = typed;
      const type = types.find((each) => each === word);
      assert.ok(type !== undefined, line);
      assert.equal(help?.name, name, `${name} has no help`);
      assert.ok(!families.some((family) => family.name === name), `${name} comes twice`);
      families.push({ name, type, help: help?.text ?? "", samples: [] });
      help = null;
    } else {
      const [, name = "", labels, value = ""] = sampleLine.exec(line) ?? [];
      const family = families.at(-1);
      assert.ok(name !== "" && family !== undefined && help === null, `no sample: ${line}`);
      assert.ok(belongsTo(name, family), `${name} stands in ${family.name}`);
      family.samples.push({ name, labels: labelsIn(labels), value: valueOf(value) });
    }
  }
  assert.equal(help, null);
  for (const family of families) checkFamily(family);
  return families;
};

/** The value of a sample that has at least these labels; fails where there is none, or several. */
export const sampleOf = (
  families: readonly Family[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number => {
  const found = families.flatMap(({ samples }) => samples).filter((sample) =>
    sample.name === name &&
    Object.entries(labels).every(([label, value]) => sample.labels[label] === value)
  );
  assert.equal(found.length, 1, `${name} ${JSON.stringify(labels)}: ${found.length} samples`);
  return found[0]?.value ?? Number.NaN;
};
