/** The report for people: one HTML page that needs nothing else. */
import { barPlot, escapeText, linePlot, type Series } from "./plot.ts";
import { subjects } from "./ratios.ts";
import { isSound, type Report, type Row } from "./report.ts";

const style = `
body{font:15px/1.45 system-ui,sans-serif;color:#1b1b1f;max-width:1180px;margin:2em auto;padding:0 1em}
h1{font-size:1.6em;margin-bottom:.2em} h2{font-size:1.2em;margin-top:2em}
table{border-collapse:collapse;width:100%;font-size:13px;margin:.6em 0}
th,td{padding:.3em .6em;border-bottom:1px solid #ddd;text-align:left;vertical-align:top}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
.plots{display:flex;flex-wrap:wrap;gap:16px} figure{margin:0;flex:1 1 520px;max-width:580px}
svg{width:100%;height:auto;font:12px system-ui,sans-serif;fill:#333} svg .title{font-size:14px;font-weight:600}
svg .grid{stroke:#e3e3e6} .legend{font-size:12px;margin:0 0 0 4em} .legend span{margin-right:1em}
.legend i{display:inline-block;width:.8em;height:.8em;margin-right:.3em}
.good{color:#00694a} .bad{color:#b00020;font-weight:600} .quiet{color:#666}`;

const whole = (value: number): string => Math.round(value).toLocaleString("en-US");
const ms = (value: number): string => value < 10 ? value.toFixed(2) : value.toFixed(1);
const cell = (text: string, numeric = false): string =>
  `<td${numeric ? ' class="n"' : ""}>${escapeText(text)}</td>`;
const heads = (...names: readonly string[]): string =>
  `<tr>${
    names.map((name) => {
      const numeric = name.startsWith("#");
      return `<th${numeric ? ' class="n"' : ""}>${escapeText(name.replace(/^#/, ""))}</th>`;
    }).join("")
  }</tr>`;

const isAbout = (scenario: Row["scenario"], subject: string) => (row: Row): boolean =>
  row.scenario === scenario && row.subject === subject;

const against = (
  rows: readonly Row[],
  name: string,
  pick: (row: Row) => boolean,
  value: (row: Row) => number,
): Series => ({
  name,
  points: rows.filter(pick).toSorted((a, b) => a.at - b.at).map((row) => [row.at, value(row)]),
});

const latencySeries = (rows: readonly Row[], pick: (row: Row) => boolean): readonly Series[] => [
  against(rows, "p50", pick, ({ latencyMs }) => latencyMs.p50),
  against(rows, "p99", pick, ({ latencyMs }) => latencyMs.p99),
  against(rows, "p99.9", pick, ({ latencyMs }) => latencyMs.p999),
];

/** At most so many points of a long curve, its ends among them. */
const thinned = (values: readonly number[], most: number): readonly (readonly [number, number])[] =>
  values.map((value, index) => [value, index + 1] as const).filter((_, index) =>
    index % Math.ceil(values.length / most) === 0 || index === values.length - 1
  );

const bestOf = (rows: readonly Row[], subject: string): number =>
  Math.max(0, ...rows.filter((row) => row.subject === subject).map(({ perSecond }) => perSecond));

const sideBySide = ({ rows }: Report): string =>
  barPlot(
    "The same orders, side by side: best orders/s of each",
    [
      ...rows.filter(({ scenario }) =>
        scenario === "hot" || scenario === "peers" || scenario === "naive" || scenario === "ceiling"
      ).map(({ subject }) => subject).filter((name, i, all) => all.indexOf(name) === i)
        .filter((name) => name !== subjects.hono)
        .map((name) => ({ name, value: bestOf(rows, name) })),
    ],
  );

const plotsOf = (report: Report): string => {
  const { rows, sellOutMs } = report;
  const connections = { xLabel: "connections", steps: true } as const;
  const inProcess = isAbout("hot", subjects.inProcess);
  const http = isAbout("hot", subjects.http);
  const growth = isAbout("growth", subjects.http);
  const stored = { xLabel: "orders stored before", steps: true } as const;
  const engines = rows.filter(({ scenario }) => scenario === "processes");
  const engineSubjects = [...new Set(engines.map(({ subject }) => subject))];
  return [
    linePlot({ ...connections, title: "hot: throughput", yLabel: "orders/s" }, [
      against(rows, subjects.inProcess, inProcess, ({ perSecond }) => perSecond),
      against(rows, subjects.http, http, ({ perSecond }) => perSecond),
    ]),
    linePlot(
      { ...connections, title: "hot over HTTP: latency", yLabel: "ms" },
      latencySeries(rows, http),
    ),
    linePlot(
      { ...connections, title: "hot in process: latency", yLabel: "ms" },
      latencySeries(rows, inProcess),
    ),
    sideBySide(report),
    linePlot({ title: "flash: sell-out", xLabel: "ms", yLabel: "units sold", curve: true }, [
      { name: "sold", points: thinned(sellOutMs, 400) },
    ]),
    linePlot({ ...stored, title: "growth: throughput", yLabel: "orders/s" }, [
      against(rows, "orders/s", growth, ({ perSecond }) => perSecond),
    ]),
    linePlot({ ...stored, title: "growth: latency", yLabel: "ms" }, latencySeries(rows, growth)),
    linePlot(
      { title: "processes: throughput", xLabel: "engines", yLabel: "orders/s", steps: true },
      engineSubjects.map((subject) =>
        against(rows, subject, isAbout("processes", subject), ({ perSecond }) => perSecond)
      ),
    ),
  ].filter((plot) => plot !== "").join("\n");
};

const ratioTable = ({ ratios }: Report): string =>
  ratios.length === 0 ? "" : `<h2>Ratios</h2>
<p class="quiet">Of medians of figures that were taken in turns, in the same minutes.</p><table>
${heads("ratio", "#measured", "#at least", "", "#of", "#per second")}
${
    ratios.map(({ name, value, atLeast, met, of: [over, under] }) =>
      `<tr>${cell(name)}${cell(value.toFixed(2), true)}${cell(String(atLeast), true)}` +
      `<td class="${met ? "good" : "bad"}">${met ? "met" : "not met"}</td>` +
      `${cell(whole(over), true)}${cell(whole(under), true)}</tr>`
    ).join("\n")
  }</table>`;

const storeTable = ({ stores }: Report): string => {
  const rows = stores.map((store) => {
    const sound = store.ok && store.oversold === 0;
    const found = store.ok ? "sound" : `${store.violations} violations: ${store.firstViolation}`;
    return `<tr>${cell(store.scenario)}${cell(store.name)}${cell(whole(store.orders), true)}` +
      `${cell(whole(store.unitsReserved), true)}${cell(whole(store.oversold), true)}` +
      `<td class="${sound ? "good" : "bad"}">${escapeText(found)}</td></tr>`;
  });
  return `<h2>What the stores say</h2>
<p class="quiet">Read from each store when its scenario had ended, not from counters.</p><table>
${heads("scenario", "store of", "#orders", "#units reserved", "#oversold", "verified")}
${rows.join("\n")}</table>`;
};

const factText = ([name, value]: readonly [string, number]): string =>
  `${name} ${value >= 1e6 ? `${whole(value / 1e6)} M` : Number(value.toPrecision(4))}`;

const figureTable = ({ rows }: Report): string => {
  const ceiling = rows.find(isAbout("ceiling", subjects.ceiling))?.perSecond;
  const hono = rows.find(isAbout("ceiling", subjects.hono))?.perSecond;
  const part = (value: number, of: number | undefined) =>
    of === undefined ? "" : (value / of).toFixed(2);
  return `<h2>All figures</h2><table>
${
    heads(
      ...["scenario", "what", "setting", "#per second", "#rounds", "#of ceiling", "#of bare Hono"],
      ...["#p50 ms", "#p99", "#p99.9", "#max", "#accepted", "#refused", "#errors", "also"],
    )
  }
${
    rows.map((row) => {
      const { latencyMs, counts } = row;
      return `<tr>${cell(row.scenario)}${cell(row.subject)}${cell(row.setting)}` +
        cell(whole(row.perSecond), true) + cell(row.rounds.map(whole).join(" "), true) +
        cell(part(row.perSecond, ceiling), true) + cell(part(row.perSecond, hono), true) +
        cell(ms(latencyMs.p50), true) + cell(ms(latencyMs.p99), true) +
        cell(ms(latencyMs.p999), true) + cell(ms(latencyMs.max), true) +
        cell(whole(counts.accepted), true) + cell(whole(counts.refused), true) +
        cell(whole(counts.error + counts.overloaded), true) +
        `${cell(Object.entries(row.facts).map(factText).join(", "))}</tr>`;
    }).join("\n")
  }</table>`;
};

const aboutRun = (report: Report): string => {
  const { machine, versions, commit, plan, command, seconds, startedAt } = report;
  const gigabytes = (machine.memoryBytes / 2 ** 30).toFixed(1);
  const versionText = Object.entries(versions).map(([name, value]) => `${name} ${value}`).join(
    ", ",
  );
  return `<p>${escapeText(startedAt)}, ${whole(seconds)} s, <code>${escapeText(command)}</code></p>
<p class="quiet">${machine.cores} x ${escapeText(machine.cpu)}, ${gigabytes} GiB,
${escapeText(machine.system)}; ${escapeText(versionText)}; commit ${
    escapeText(commit ?? "unknown")
  };
${plan.rounds} rounds of ${plan.seconds} s; load generator on the same machine</p>`;
};

export const pageOf = (report: Report): string =>
  `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Allot benchmark ${escapeText(report.startedAt)}</title><style>${style}</style></head><body>
<h1>Allot benchmark</h1>
${aboutRun(report)}
<p class="${isSound(report) ? "good" : "bad"}">${
    isSound(report)
      ? `Nothing oversold, every invariant holds, in all ${report.stores.length} stores.`
      : "At least one store is not sound: see below."
  }</p>
${report.notes.map((note) => `<p>${escapeText(note)}</p>`).join("\n")}
${ratioTable(report)}
<div class="plots">${plotsOf(report)}</div>
${storeTable(report)}
${figureTable(report)}
</body></html>
`;
