const whole = new Intl.NumberFormat("en");
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat("en", { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** @type {Record<string, (value: number) => string>} */
const byKind = {
  count: (value) => (value < 1_000_000 ? whole.format(value) : compact.format(value)),
  ratio: (value) => percent.format(value),
  duration: (ms) => {
    const [size, unit] = durations.find(([least]) => ms >= least) ?? [1, "ms"];
    return `${size === 1 ? Math.round(ms) : (ms / size).toFixed(1)} ${unit}`;
  },
};

/** @type {[number, string][]} */
const durations = [
  [86_400_000, "days"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1_000, "s"],
];

/** @param {number | null | undefined} value nothing to show is a dash, never a zero */
export function shown(value, kind) {
  return typeof value === "number" ? byKind[kind](value) : "–";
}

/** @param {string} iso an instant, shown as a time of UTC */
export function timeOf(iso) {
  return iso.slice(11, 19);
}
