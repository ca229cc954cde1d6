/**
 * The metrics of the OpenTelemetry semantic conventions that are watched, and what their points mean: of which resource, in which unit, and
 * which of their states are use.
 */
export type WatchedMetric = {
  readonly resource: string;
  readonly quantity: Quantity;
  /** False for a state in which nothing is used; only where the conventions split the metric by state. */
  readonly isUse?: (state: string) => boolean;
};

/** What is measured: shares are counted in ones, times in seconds, memory in MiB. */
type Quantity = "share" | "time" | "memory";

/** A CPU that waits for a disk does nothing. */
const restingCpu: ReadonlySet<string> = new Set(["idle", "iowait", "wait"]);
const isCpuUse = (state: string) => !restingCpu.has(state);
/** Cached, buffered and reclaimable memory is there for whoever asks. */
const isMemoryUse = (state: string) => state === "used";

const watchedMetrics: ReadonlyMap<string, WatchedMetric> = new Map<string, WatchedMetric>([
  ["process.cpu.utilization", { resource: "cpu", quantity: "share", isUse: isCpuUse }],
  ["system.cpu.utilization", { resource: "host_cpu", quantity: "share", isUse: isCpuUse }],
  ["process.memory.usage", { resource: "memory", quantity: "memory" }],
  ["system.memory.utilization", { resource: "host_memory", quantity: "share", isUse: isMemoryUse }],
  ["nodejs.eventloop.delay.mean", { resource: "event_loop_delay", quantity: "time" }],
  ["nodejs.eventloop.delay.p99", { resource: "event_loop_delay", quantity: "time" }],
  ["v8js.gc.duration", { resource: "gc", quantity: "time" }],
  ["db.client.operation.duration", { resource: "store_latency", quantity: "time" }],
]);

/** Every resource that is watched, by name. */
export const watchedResources: readonly string[] = [...new Set([...watchedMetrics.values()].map(({ resource }) => resource))];

/** @returns what is known of a metric that is watched; `undefined` for any other */
export function watchedMetric(name: string): WatchedMetric | undefined {
  return watchedMetrics.get(name);
}

/** The attributes by which the conventions split a metric into states, with the names they had before. */
export const stateAttributes = [
  "cpu.mode",
  "system.cpu.state",
  "system.cpu.mode",
  "process.cpu.state",
  "process.cpu.mode",
  "system.memory.state",
  "linux.memory.state",
  "state",
] as const;

/** One of the unit is `times / per` of ours. Two whole numbers, so that a conversion rounds once. */
type Conversion = { readonly times: number; readonly per: number };

const decimalPrefixes = { "": 0, k: 1, M: 2, G: 3, T: 4, P: 5 } as const;
const binaryPrefixes = { Ki: 1, Mi: 2, Gi: 3, Ti: 4, Pi: 5 } as const;
const mebibyte = 1_048_576;

const sizesOf = (unit: string, bitsEach: number): readonly (readonly [string, Conversion])[] => {
  const per = (mebibyte * 8) / bitsEach;
  const decimal = Object.entries(decimalPrefixes).map(([prefix, power]) => [`${prefix}${unit}`, { times: 1_000 ** power, per }] as const);
  const binary = Object.entries(binaryPrefixes).map(([prefix, power]) => [`${prefix}${unit}`, { times: 1_024 ** power, per }] as const);
  return [...decimal, ...binary];
};

/** By UCUM, whose units the conventions write. */
const conversions: Readonly<Record<Quantity, ReadonlyMap<string, Conversion>>> = {
  share: new Map([
    ["1", { times: 1, per: 1 }],
    ["%", { times: 1, per: 100 }],
    ["[ppth]", { times: 1, per: 1_000 }],
    ["[ppm]", { times: 1, per: 1_000_000 }],
  ]),
  time: new Map([
    ["ns", { times: 1, per: 1_000_000_000 }],
    ["us", { times: 1, per: 1_000_000 }],
    ["ms", { times: 1, per: 1_000 }],
    ["s", { times: 1, per: 1 }],
    ["ks", { times: 1_000, per: 1 }],
    ["min", { times: 60, per: 1 }],
    ["h", { times: 3_600, per: 1 }],
    ["d", { times: 86_400, per: 1 }],
  ]),
  memory: new Map([...sizesOf("By", 8), ...sizesOf("bit", 1)]),
};

/** What a sender means that names no unit: the one of the conventions, as the stock host metrics package does. */
const conventional: Readonly<Record<Quantity, string>> = { share: "1", time: "s", memory: "By" };

const annotation = /\{[^{}]*\}/g;

/**
 * @param unit as UCUM writes it, such as `ms`; annotations in braces mean nothing, and an absent one is that of the conventions
 * @returns `undefined` for a unit that is none of the metric
 */
export function conversionOf({ quantity }: WatchedMetric, unit: string | undefined): Conversion | undefined {
  if (unit === undefined || unit === "") return conversions[quantity].get(conventional[quantity]);
  const bare = unit.replace(annotation, "");
  return conversions[quantity].get(bare === "" ? "1" : bare);
}
