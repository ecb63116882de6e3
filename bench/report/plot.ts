/** Line plots as SVG text, with nothing from elsewhere: a report must open anywhere and for ever. */

export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface PlotOptions {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** Evenly spaced steps instead of a scale: for settings such as 1, 16, 64, 256. */
  readonly steps?: boolean;
  /** Points without lines' dots: for curves of many points. */
  readonly curve?: boolean;
}

const width = 560;
const height = 300;
const margin = { top: 36, right: 16, bottom: 44, left: 64 };
const ticks = 5;
/** Distinguishable for most eyes, in print and on the screen (Okabe and Ito, 2008). */
const colors = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];

export const escapeText = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");

/** 1, 2 or 5 times a power of ten, not below the value. */
export const roundUp = (value: number): number => {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((each) => each * power >= value * (1 - 1e-9)) ?? 10;
  return step * power;
};

export const shortNumber = (value: number): string => {
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  if (value >= 1e4) return `${Number((value / 1e3).toPrecision(3))}k`;
  return String(Number(value.toPrecision(3)));
};

interface Scale {
  readonly place: (value: number) => number;
  readonly marks: readonly number[];
}

const linear = (largest: number, from: number, to: number): Scale => {
  const step = roundUp(largest / ticks);
  const end = Math.max(step, Math.ceil(largest / step) * step);
  const marks: number[] = [];
  for (let mark = 0; mark <= end * (1 + 1e-9); mark += step) marks.push(mark);
  return { place: (value) => from + (to - from) * value / end, marks };
};

const stepped = (values: readonly number[], from: number, to: number): Scale => {
  const marks = [...new Set(values)].sort((a, b) => a - b);
  const gap = (to - from) / Math.max(1, marks.length - 1);
  return { place: (value) => from + marks.indexOf(value) * gap, marks };
};

const textAt = (x: number, y: number, text: string, anchor = "middle", more = ""): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}"${more}>` +
  `${escapeText(text)}</text>`;

const grid = (x: Scale, y: Scale): string => {
  const [left, right] = [margin.left, width - margin.right];
  const bottom = height - margin.bottom;
  return [
    ...y.marks.map((mark) => {
      const at = y.place(mark);
      return `<line x1="${left}" x2="${right}" y1="${at}" y2="${at}" class="grid"/>` +
        textAt(left - 6, at + 4, shortNumber(mark), "end");
    }),
    ...x.marks.map((mark) => textAt(x.place(mark), bottom + 16, shortNumber(mark))),
  ].join("");
};

const lineOf = (series: Series, index: number, x: Scale, y: Scale, curve: boolean): string => {
  const color = colors[index % colors.length] ?? "#000";
  const places = series.points.map(([px, py]) => [x.place(px), y.place(py)] as const);
  const path = places.map(([px, py]) => `${px.toFixed(1)},${py.toFixed(1)}`).join(" ");
  const dots = curve ? "" : places.map(([px, py], i) => {
    const [value, height] = series.points[i] ?? [0, 0];
    const title = `${series.name}: ${shortNumber(height)} at ${shortNumber(value)}`;
    return `<circle cx="${px.toFixed(1)}" cy="${py.toFixed(1)}" r="3.5" fill="${color}">` +
      `<title>${escapeText(title)}</title></circle>`;
  }).join("");
  return `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="2"/>${dots}`;
};

const legendOf = (series: readonly Series[]): string =>
  series.length < 2
    ? ""
    : `<p class="legend">${
      series.map(({ name }, index) =>
        `<span><i style="background:${colors[index % colors.length]}"></i>${
          escapeText(name)
        }</span>`
      ).join(" ")
    }</p>`;

/** A plot with its legend; empty when there is nothing to draw. */
export const linePlot = (options: PlotOptions, all: readonly Series[]): string => {
  const series = all.filter(({ points }) => points.length > 0);
  if (series.length === 0) return "";
  const points = series.flatMap((each) => each.points);
  const xs = points.map(([x]) => x);
  const largestX = xs.reduce((most, each) => Math.max(most, each), 0);
  const largestY = points.reduce((most, [, each]) => Math.max(most, each), 0);
  const [left, right] = [margin.left, width - margin.right];
  const bottom = height - margin.bottom;
  const x = options.steps ? stepped(xs, left + 20, right - 20) : linear(largestX, left, right);
  const y = linear(largestY, bottom, margin.top);
  const lines = series.map((each, i) => lineOf(each, i, x, y, options.curve ?? false)).join("");
  const title = escapeText(options.title);
  return `<figure><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">` +
    textAt(width / 2, 18, options.title, "middle", ' class="title"') +
    grid(x, y) + lines +
    textAt((left + right) / 2, height - 8, options.xLabel) +
    textAt(14, height / 2, options.yLabel, "middle", ` transform="rotate(-90 14 ${height / 2})"`) +
    `</svg>${legendOf(series)}</figure>`;
};

export interface Bar {
  readonly name: string;
  readonly value: number;
}

const barHeight = 26;
const barLabel = 220;

/** Horizontal bars, the longest first. */
export const barPlot = (title: string, bars: readonly Bar[]): string => {
  if (bars.length === 0) return "";
  const sorted = bars.toSorted((a, b) => b.value - a.value);
  const largest = sorted[0]?.value ?? 1;
  const room = width - barLabel - 80;
  const total = margin.top + sorted.length * barHeight + 8;
  const drawn = sorted.map(({ name, value }, index) => {
    const y = margin.top + index * barHeight;
    const length = Math.max(1, room * value / Math.max(largest, Number.MIN_VALUE));
    return textAt(barLabel - 8, y + 15, name, "end") +
      `<rect x="${barLabel}" y="${y + 3}" width="${length.toFixed(1)}" height="16" ` +
      `fill="${colors[0]}"/>` + textAt(barLabel + length + 6, y + 15, shortNumber(value), "start");
  }).join("");
  const label = escapeText(title);
  return `<figure><svg viewBox="0 0 ${width} ${total}" role="img" aria-label="${label}">` +
    textAt(width / 2, 18, title, "middle", ' class="title"') + `${drawn}</svg></figure>`;
};
