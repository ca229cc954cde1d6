const svgNamespace = "http://www.w3.org/2000/svg";
const [width, height, left, right, top, bottom] = [560, 200, 44, 8, 22, 24];

/**
 * Draws points as a line over time, with what the pointer is at in words.
 * @param {HTMLElement} figure
 * @param {{ start: string, value: number | null }[]} points
 * @param {{ what: string, label: (start: string) => string, show: (value: number | null) => string }} words
 */
export function drawChart(figure, points, { what, label, show }) {
  const highest = niceCeiling(Math.max(1, ...points.map(({ value }) => value ?? 0)));
  const x = (index) => left + (index * (width - left - right)) / Math.max(1, points.length - 1);
  const y = (value) => height - bottom - (value * (height - top - bottom)) / highest;
  const svg = element("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": summary(points, what, label, show) });

  for (const part of [0, 0.5, 1]) {
    const value = highest * part;
    svg.append(
      element("line", { class: "rule", x1: left, x2: width - right, y1: y(value), y2: y(value) }),
      element("text", { x: left - 6, y: y(value) + 4, "text-anchor": "end" }, show(value)),
    );
  }
  for (const index of [0, Math.floor(points.length / 2), points.length - 1]) {
    const anchor = index === 0 ? "start" : index === points.length - 1 ? "end" : "middle";
    svg.append(element("text", { x: x(index), y: height - 6, "text-anchor": anchor }, label(points[index].start)));
  }
  const line = points.map(({ value }, index) => `${x(index)},${y(value ?? 0)}`).join(" L");
  svg.append(
    element("path", { class: "area", d: `M${x(0)},${y(0)} L${line} L${x(points.length - 1)},${y(0)} Z` }),
    element("path", { class: "curve", d: `M${line}` }),
  );
  addReadout(svg, points, { x, y, label, show });
  figure.replaceChildren(svg);
}

function addReadout(svg, points, { x, y, label, show }) {
  const dot = element("circle", { class: "dot", r: 4 });
  const text = element("text", { class: "at", y: 12 });
  const readAt = (index) => {
    const { start, value } = points[index];
    dot.setAttribute("cx", x(index));
    dot.setAttribute("cy", y(value ?? 0));
    text.textContent = `${label(start)}: ${show(value)}`;
    text.setAttribute("x", Math.min(Math.max(x(index), left + 40), width - right - 40));
    text.setAttribute("text-anchor", "middle");
  };
  svg.append(dot, text);
  readAt(points.length - 1);
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    const at = ((event.clientX - box.left) / box.width) * width;
    const index = Math.round(((at - left) / (width - left - right)) * (points.length - 1));
    readAt(Math.min(Math.max(index, 0), points.length - 1));
  });
  svg.addEventListener("pointerleave", () => readAt(points.length - 1));
}

function summary(points, what, label, show) {
  const values = points.map(({ value }) => value ?? 0);
  const last = points.at(-1);
  return `${what} from ${label(points[0].start)} to ${label(last.start)}: highest ${show(Math.max(...values))}, lowest ${show(Math.min(...values))}, last ${show(last.value)}`;
}

/** The next 1, 2 or 5 times a power of ten. */
function niceCeiling(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((nice) => nice >= value);
}

function element(name, attributes, text = "") {
  const made = document.createElementNS(svgNamespace, name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.textContent = text;
  return made;
}
