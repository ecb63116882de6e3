/** What may be promised of a SKU, as steps over the days to come. The numbers stand in an element's data. */
(() => {
  "use strict";

  const place = document.getElementById("availability-chart");
  if (place === null) return;
  const daySeconds = 86_400;

  /** The last step goes on for a while, so that it can be seen. */
  const read = () => {
    const { from, steps } = document.getElementById("availability-steps").dataset;
    const first = Date.parse(from) / 1_000;
    const told = JSON.parse(steps);
    const times = told.map((step) => Math.max(first, Date.parse(step.from) / 1_000));
    const last = times.at(-1) ?? first;
    const units = told.map(({ available }) => available);
    return [
      [...times, last + Math.max(2 * daySeconds, (last - first) / 6)],
      [...units, units.at(-1) ?? 0],
    ];
  };

  const colorOf = (name) => {
    const probe = place.appendChild(document.createElement("span"));
    if (name !== "") probe.className = name;
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  };

  const language = document.documentElement.lang;
  const number = new Intl.NumberFormat(language);
  const short = new Intl.NumberFormat(language, { notation: "compact" });
  const day = new Intl.DateTimeFormat(language, { month: "short", day: "numeric" });
  const height = 170;

  const draw = () => {
    const muted = colorOf("");
    const color = colorOf("units");
    const axis = {
      stroke: muted,
      font: "12px system-ui, sans-serif",
      grid: { stroke: muted, width: 0.2 },
      ticks: { show: false },
    };
    return new uPlot(
      {
        width: place.clientWidth,
        height,
        cursor: { drag: { x: false, y: false } },
        legend: { live: true },
        scales: { y: { range: (_, _low, high) => [0, Math.max(4, (high ?? 0) * 1.1)] } },
        axes: [
          {
            ...axis,
            grid: { show: false },
            space: 70,
            incrs: [1, 2, 4, 7, 14, 28, 56, 112, 224, 448].map((days) => days * daySeconds),
            values: (_, values) => values.map((value) => day.format(value * 1_000)),
          },
          {
            ...axis,
            size: 46,
            values: (_, values) =>
              values.map((value) => Number.isInteger(value) ? short.format(value) : ""),
          },
        ],
        series: [
          {
            label: "From",
            value: (_, value) => value === null ? "–" : day.format(value * 1_000),
          },
          {
            label: "Units",
            stroke: color,
            width: 2,
            paths: uPlot.paths.stepped({ align: 1 }),
            points: { show: false },
            value: (_, value) => value === null ? "–" : number.format(value),
          },
        ],
      },
      read(),
      place,
    );
  };

  let chart = draw();
  document.addEventListener("htmx:after:swap", () => chart.setData(read()));
  new ResizeObserver(() => {
    if (chart.width !== place.clientWidth) chart.setSize({ width: place.clientWidth, height });
  }).observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    chart.destroy();
    chart = draw();
  });
})();
