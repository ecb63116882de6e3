/** The last hour as lines. The numbers stand in an element's data, which live updates change. */
(() => {
  "use strict";

  const place = document.getElementById("chart");
  if (place === null) return;

  const read = () => {
    const { from, orders, units } = document.getElementById("series").dataset;
    const first = Date.parse(from) / 1_000;
    const counts = JSON.parse(orders);
    return [counts.map((_, minute) => first + minute * 60), counts, JSON.parse(units)];
  };

  const colorOf = (name) => {
    const probe = place.appendChild(document.createElement("span"));
    if (name !== "") probe.className = name;
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  };

  const number = new Intl.NumberFormat(document.documentElement.lang);
  const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
  let chart = null;

  const draw = () => {
    chart?.destroy();
    const muted = colorOf("");
    const axis = { stroke: muted, grid: { stroke: muted, width: 0.25 }, ticks: { width: 0 } };
    const line = (label, name, scale) => ({
      label,
      scale,
      stroke: colorOf(name),
      width: 2,
      points: { show: false },
      value: (_, value) => value === null ? "–" : number.format(value),
    });
    const numbers = (_, values) =>
      values.map((value) => Number.isInteger(value) ? number.format(value) : "");
    const scale = {
      range: (_, low, high) => [Math.min(0, low ?? 0), Math.max(4, (high ?? 0) * 1.1)],
    };
    chart = new uPlot(
      {
        width: place.clientWidth,
        height: 240,
        cursor: { drag: { x: false, y: false } },
        scales: { orders: scale, units: scale },
        axes: [
          { ...axis, values: (_, values) => values.map((value) => clock.format(value * 1_000)) },
          { ...axis, scale: "orders", values: numbers, size: 60 },
          { ...axis, scale: "units", values: numbers, side: 1, size: 60, grid: { show: false } },
        ],
        series: [
          {
            label: "Minute",
            value: (_, value) => value === null ? "–" : clock.format(value * 1_000),
          },
          line("Orders", "orders", "orders"),
          line("Units", "units", "units"),
        ],
      },
      read(),
      place,
    );
  };

  draw();
  document.addEventListener("htmx:after:swap", () => chart.setData(read()));
  new ResizeObserver(() => {
    if (chart.width !== place.clientWidth) {
      chart.setSize({ width: place.clientWidth, height: 240 });
    }
  }).observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
