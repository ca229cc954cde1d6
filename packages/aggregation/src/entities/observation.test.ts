import fc from "fast-check";
import { expect, test } from "vitest";
import { FoldedWorld, question } from "../folded-world.testing.ts";
import { storedEvent } from "../stored-event.testing.ts";

const atMs = Date.UTC(2026, 10, 21, 10);

let ids = 0;
function partOf(metric: string, state: string, value: number, { at = atMs, series = "one" } = {}) {
  const properties = { metric, service: "shop", kind: "gauge", series: `${metric}-${series}`, state, value };
  return { ...storedEvent({ at, eventType: "metric_point", properties }), eventId: `part-${ids++}` };
}

function usage(world: FoldedWorld, source: "planned" | "log" = "planned") {
  const query = question({ metric: "resource_usage", fromMs: atMs, toMs: atMs + 3_600_000, by: ["resource"] });
  const { totals } = world.answer(query, atMs + 3_600_000, source);
  return Object.fromEntries(totals.map(({ by, count, value }) => [by["resource"], [count, value]]));
}
const folded = (events: readonly ReturnType<typeof partOf>[]) => new FoldedWorld().foldEvents(events, atMs);

test("the states of a resource are one observation, and idle, waiting, free and cached are no use", () => {
  const cpu = (state: string, value: number) => partOf("system.cpu.utilization", state, value);
  const memory = (state: string, value: number) => partOf("system.memory.utilization", state, value);
  const process = (state: string, value: number) => partOf("process.cpu.utilization", state, value);
  const cpus = [cpu("user", 0.5), cpu("system", 0.2), cpu("nice", 0), cpu("interrupt", 0.05), cpu("idle", 0.2), cpu("iowait", 0.05)];
  const memories = [memory("used", 0.1), memory("free", 0.3), memory("cached", 0.5), memory("buffers", 0.1)];
  const processes = [process("user", 0.6), process("system", 0.3), process("wait", 0.1)];
  expect(usage(folded([...cpus, ...memories, ...processes]))).toEqual({ host_cpu: [1, 0.75], host_memory: [1, 0.1], cpu: [1, 0.9] });
});

test("a resource that reports few states has the use of those, not the mean of all", () => {
  const shares = (metric: string, states: Readonly<Record<string, number>>) =>
    Object.entries(states).map(([state, value]) => partOf(metric, state, value));
  expect(usage(folded(shares("system.cpu.utilization", { idle: 0.9, user: 0.1 })))).toEqual({ host_cpu: [1, 0.1] });
  expect(usage(folded(shares("system.cpu.utilization", { idle: 0.9, user: 0.07, system: 0.03 })))).toEqual({ host_cpu: [1, 0.1] });
  expect(usage(folded(shares("system.memory.utilization", { used: 0.3, free: 0.5, cached: 0.2 })))).toEqual({ host_memory: [1, 0.3] });
});

test("an idle machine is used 0, not nothing, and each of its processors is observed", () => {
  const core = (series: string, busy: number) => [
    partOf("system.cpu.utilization", "user", busy, { series }),
    partOf("system.cpu.utilization", "idle", 1 - busy, { series }),
  ];
  expect(usage(folded([...core("0", 0), ...core("1", 0)]))).toEqual({ host_cpu: [2, 0] });
  expect(usage(folded([...core("0", 1), ...core("1", 0)]))).toEqual({ host_cpu: [2, 0.5] });
});

test("where only states of rest are reported, what they leave of the whole is use, whatever comes first", () => {
  const cpu = (state: string, value: number) => partOf("system.cpu.utilization", state, value);
  const memory = (state: string, value: number) => partOf("system.memory.utilization", state, value);
  expect(usage(folded([cpu("idle", 1)]))).toEqual({ host_cpu: [1, 0] });
  expect(usage(folded([cpu("idle", 0.6), cpu("iowait", 0.1)]))).toEqual({ host_cpu: [1, expect.closeTo(0.3, 9)] });
  expect(usage(folded([memory("free", 0.4), memory("inactive", 0.1)]))).toEqual({ host_memory: [1, 0.5] });
  for (const order of [
    (parts: readonly ReturnType<typeof cpu>[]) => parts,
    (parts: readonly ReturnType<typeof cpu>[]) => parts.toReversed(),
  ])
    expect(usage(folded(order([cpu("idle", 0.6), cpu("user", 0.25)])))).toEqual({ host_cpu: [1, 0.25] });
  // A process that only waits leaves processors to others.
  expect(usage(folded([partOf("process.cpu.utilization", "wait", 0.1)]))).toEqual({ cpu: [1, 0] });
});

test("what another state includes counts once, and no state of another metric is taken for one of this", () => {
  const cpu = (state: string, value: number) => partOf("system.cpu.utilization", state, value);
  const memory = (state: string, value: number) => partOf("system.memory.utilization", state, value);
  const guests = [cpu("user", 0.5), cpu("guest", 0.4), cpu("nice", 0.1), cpu("guest_nice", 0.1), cpu("Idle", 0.4)];
  const memories = [
    memory("used", 0.5),
    memory("slab_unreclaimable", 0.1),
    memory("shared", 0.2),
    memory("wired", 0.3),
    memory("user", 0.3),
  ];
  expect(usage(folded([...guests, ...memories]))).toEqual({ host_cpu: [1, 0.6], host_memory: [1, 0.5] });
});

const anyParts = fc.array(
  fc.record({
    minute: fc.nat(50),
    series: fc.constantFrom("0", "1"),
    state: fc.constantFrom("user", "system", "idle", "iowait", "wait", "softirq", "steal", "guest"),
    millionths: fc.nat(1_000_000),
  }),
  { minLength: 1, maxLength: 30 },
);

test("parts of one observation add up whatever their order and batches, and can be taken out again", () => {
  const anyDelivery = anyParts
    .map((parts) =>
      parts.map(({ minute, series, state, millionths }) => ({
        minute,
        series,
        state,
        millionths,
        event: partOf("system.cpu.utilization", state, millionths / 1e6, { at: atMs + minute * 60_000, series }),
      })),
    )
    .chain((parts) =>
      fc.record({
        parts: fc.constant(parts),
        order: fc.shuffledSubarray([...parts], { minLength: parts.length }),
        chunk: fc.integer({ min: 1, max: 9 }),
        removed: fc.subarray([...parts]),
      }),
    );
  fc.assert(
    fc.property(anyDelivery, ({ parts, order, chunk, removed }) => {
      const world = new FoldedWorld();
      for (let from = 0; from < order.length; from += chunk)
        world.foldEvents(
          order.slice(from, from + chunk).map(({ event }) => event),
          atMs,
        );
      const counting = parts.filter(({ state }) => state !== "guest");
      const observations = [...Map.groupBy(counting, ({ minute, series }) => `${minute} ${series}`).values()];
      const isRest = ({ state }: { readonly state: string }) => ["idle", "iowait", "wait"].includes(state);
      const sum = (some: typeof parts) => some.reduce((total, { millionths }) => total + millionths, 0);
      const used = observations.map((own) =>
        own.every(isRest) ? Math.max(0, 1_000_000 - sum(own)) : sum(own.filter((part) => !isRest(part))),
      );
      const millionths = used.reduce((total, one) => total + one, 0);
      const mean = expect.closeTo(millionths / used.length / 1e6, 9);
      expect(usage(world)).toEqual(used.length === 0 ? {} : { host_cpu: [used.length, mean] });
      expect(usage(world, "log")).toEqual(usage(world));
      const kept = parts.filter((part) => !removed.includes(part)).map(({ event }) => event);
      expect(world.unfold(removed.map(({ event }) => event)).state()).toEqual(folded(kept).foldEvents([], atMs).state());
    }),
    { numRuns: 150 },
  );
});
