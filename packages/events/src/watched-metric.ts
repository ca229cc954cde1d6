/**
 * The watched metrics of the OpenTelemetry semantic conventions, and the meaning of their points: the resource, the unit, and
 * the states that count as use.
 */
export type WatchedMetric = {
  readonly resource: string;
  readonly quantity: Quantity;
  /** Only if the conventions split the metric by state. */
  readonly states?: StatesOf;
};

/** `use`: the resource works. `rest`: it does not. `part`: another state of the sender includes it, so it counts nothing. */
export type StateKind = "use" | "rest" | "part";

type StatesOf = {
  readonly kinds: Readonly<Record<string, StateKind>>;
  /** Whether all states add up to 1: then use is 1 less rest. */
  readonly isWhole: boolean;
};

/** The quantity: shares have the unit 1, times seconds, memory MiB. */
type Quantity = "share" | "time" | "memory";

const kinds = (names: Readonly<Record<StateKind, string>>): Readonly<Record<string, StateKind>> =>
  Object.fromEntries(Object.entries(names).flatMap(([kind, states]) => states.split(" ").map((state) => [state, kind as StateKind])));

/** A CPU that waits for a disk does nothing. Linux counts the time of guests as `user` and `nice` too. */
const cpuStates = kinds({
  use: "user system kernel sys nice interrupt irq intr softirq steal other",
  rest: "idle iowait wait",
  part: "guest guest_nice",
});
/** Cached, buffered, inactive and reclaimable memory is available. `used` includes kernel memory, `cached` shared memory. */
const memoryStates = kinds({
  use: "used",
  rest: "free available cached buffers buffered inactive",
  part: "slab_reclaimable slab_unreclaimable shared",
});

/** By name. */
export const watchedMetrics: ReadonlyMap<string, WatchedMetric> = new Map<string, WatchedMetric>([
  ["process.cpu.utilization", { resource: "cpu", quantity: "share", states: { kinds: cpuStates, isWhole: false } }],
  ["system.cpu.utilization", { resource: "host_cpu", quantity: "share", states: { kinds: cpuStates, isWhole: true } }],
  ["process.memory.usage", { resource: "memory", quantity: "memory" }],
  ["system.memory.utilization", { resource: "host_memory", quantity: "share", states: { kinds: memoryStates, isWhole: true } }],
  ["nodejs.eventloop.delay.mean", { resource: "event_loop_delay", quantity: "time" }],
  ["nodejs.eventloop.delay.p99", { resource: "event_loop_delay", quantity: "time" }],
  ["v8js.gc.duration", { resource: "gc", quantity: "time" }],
  ["db.client.operation.duration", { resource: "store_latency", quantity: "time" }],
]);

/** Every resource that is watched, by name. */
export const watchedResources: readonly string[] = [...new Set([...watchedMetrics.values()].map(({ resource }) => resource))];

/** @returns the description of a watched metric; `undefined` for any other */
export function watchedMetric(name: string): WatchedMetric | undefined {
  return watchedMetrics.get(name);
}

/**
 * The names of the attribute that splits a metric into states: in the conventions, now and before (`cpu.mode`, `system.cpu.state`,
 * `system.memory.state`), and those that senders choose (`memory.state`, `cpuState`).
 */
const stateName = /(cpu|memory|mem)[^a-z0-9]*(state|mode)\s*$/i;
const bareStateName = /^\s*(state|mode)\s*$/i;

/** The state of a point, and every attribute that names it: none of them belongs to the series. */
export type PointState = { readonly state: string; readonly attributes: ReadonlySet<string> };

/**
 * An attribute splits a point into states by its name, or if its value is a state of the metric.
 * Several may name the state in different words (`wait` and `iowait`), but they must be of one kind.
 * @returns `undefined` for a point that is not split; `"unknown"` for a state that is none of the metric, or for two of different kinds
 */
export function pointStateOf(watched: WatchedMetric, attributes: Readonly<Record<string, unknown>>): PointState | "unknown" | undefined {
  if (watched.states === undefined) return undefined;
  const names = Object.keys(attributes);
  const kindOf = (name: string) => stateKindOf(watched, attributes[name]);
  const qualified = names.filter((name) => stateName.test(name));
  const named = qualified.length > 0 ? qualified : names.filter((name) => bareStateName.test(name));
  const known = names.filter((name) => kindOf(name) !== undefined);
  const first = named[0] ?? known[0];
  if (first === undefined) return undefined;
  const kinds = new Set([...named, ...known].map(kindOf));
  if (kinds.size > 1 || kinds.has(undefined)) return "unknown";
  return { state: stateText(attributes[first] as string), attributes: new Set(known) };
}

const stateText = (state: string): string => state.trim().toLowerCase();

/** The kind of each state that a metric may have; none for a metric that is not split. */
export function stateKinds({ states }: WatchedMetric): Readonly<Record<string, StateKind>> {
  return states?.kinds ?? {};
}

/**
 * @param state as the sender writes it; case and surrounding blanks are ignored
 * @returns `undefined` for a state that is none of the metric
 */
export function stateKindOf({ states }: WatchedMetric, state: unknown): StateKind | undefined {
  if (states === undefined || typeof state !== "string") return undefined;
  const name = stateText(state);
  return Object.hasOwn(states.kinds, name) ? states.kinds[name] : undefined;
}

/** One of the unit is `times / per` of ours. Two integers, so that a conversion rounds once. */
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

/** The units that a metric may have, by UCUM and without annotations. */
export function unitConversions({ quantity }: WatchedMetric): ReadonlyMap<string, Conversion> {
  return conversions[quantity];
}

/** The unit of a sender that names none: the unit of the conventions, as in the stock host metrics package. */
const conventional: Readonly<Record<Quantity, string>> = { share: "1", time: "s", memory: "By" };

export function conventionalUnit({ quantity }: WatchedMetric): string {
  return conventional[quantity];
}

const annotation = /\{[^{}]*\}/g;

/**
 * @param unit in UCUM, such as `ms`; annotations in braces are ignored, and an absent unit is that of the conventions
 * @returns `undefined` for a unit that is none of the metric
 */
export function conversionOf({ quantity }: WatchedMetric, unit: string | undefined): Conversion | undefined {
  if (unit === undefined || unit === "") return conversions[quantity].get(conventional[quantity]);
  const bare = unit.replace(annotation, "");
  return conversions[quantity].get(bare === "" ? "1" : bare);
}
