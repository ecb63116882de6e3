/** The last hour as bars, a chart each. The numbers stand in an element's data, which live updates change. */
(() => {
  "use strict";

  const places = [...document.querySelectorAll("[data-series]")];
  if (places.length === 0) return;

  const read = (name) => {
    const { dataset } = document.getElementById("series");
    const first = Date.parse(dataset.from) / 1_000;
    const counts = JSON.parse(dataset[name]);
    return [counts.map((_, minute) => first + minute * 60), counts];
  };

  const colorOf = (place, name) => {
    const probe = place.appendChild(document.createElement("span"));
    if (name !== "") probe.className = name;
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  };

  const number = new Intl.NumberFormat(document.documentElement.lang);
  const short = new Intl.NumberFormat(document.documentElement.lang, { notation: "compact" });
  const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
  const height = 170;
  // Pointing at a minute in one chart shows the same minute in the other.
  const cursor = {
    sync: { key: "minutes" },
    drag: { x: false, y: false },
    points: { show: false },
  };
  const range = (_, low, high) => [Math.min(0, low ?? 0), Math.max(4, (high ?? 0) * 1.1)];

  const draw = (place) => {
    const name = place.dataset.series;
    const muted = colorOf(place, "");
    const color = colorOf(place, name);
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
        cursor,
        legend: { live: true },
        scales: { x: { range: (_, from, to) => [from - 30, to + 30] }, y: { range } },
        axes: [
          {
            ...axis,
            grid: { show: false },
            values: (_, values) => values.map((value) => clock.format(value * 1_000)),
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
            label: "Minute",
            value: (_, value) => value === null ? "–" : clock.format(value * 1_000),
          },
          {
            label: name === "orders" ? "Orders" : "Units",
            stroke: color,
            fill: color,
            width: 0,
            paths: uPlot.paths.bars({ size: [0.75, 24] }),
            points: { show: false },
            value: (_, value) => value === null ? "–" : number.format(value),
          },
        ],
      },
      read(name),
      place,
    );
  };

  const charts = new Map(places.map((place) => [place, draw(place)]));
  const redraw = (place) => {
    charts.get(place).destroy();
    charts.set(place, draw(place));
  };

  document.addEventListener("htmx:after:swap", () => {
    for (const [place, chart] of charts) chart.setData(read(place.dataset.series));
  });
  const resized = new ResizeObserver(() => {
    for (const [place, chart] of charts) {
      if (chart.width !== place.clientWidth) chart.setSize({ width: place.clientWidth, height });
    }
  });
  for (const place of places) resized.observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    for (const place of places) redraw(place);
  });
})();
