import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import type { Child, ExitWay } from "./child-process.ts";
import { startsMaxBeforeReady } from "./restart-policy.ts";
import { supervise } from "./supervise.ts";

type Script = { readonly ready?: string; readonly readyForMs?: number; readonly end?: ExitWay };

const killed: ExitWay = { code: null, signal: "SIGKILL" };

/** Supervises scripted processes, one after the other; the last runs until it is stopped. Time passes only in waits and lifetimes. */
function supervised(scripts: readonly Script[]) {
  const asking = new AbortController();
  const lines: string[] = [];
  const starts: (string | null)[] = [];
  const waits: number[] = [];
  let nowMs = 0;
  let running = 0;
  let onWait = () => {};
  const start = (readyBefore: string | null): Child => {
    const { ready = null, readyForMs = 0, end } = scripts[starts.length] ?? {};
    starts.push(readyBefore);
    running += 1;
    const over = Promise.withResolvers<ExitWay>();
    if (end !== undefined) setImmediate(() => over.resolve(end));
    const ended = over.promise.then((way) => {
      nowMs += readyForMs;
      running -= 1;
      return way;
    });
    return { ready: Promise.resolve(ready), ended, stop: async () => over.resolve({ code: 0, signal: null }) };
  };
  const process = supervise({
    name: "api",
    start,
    clock: { nowMs: () => nowMs },
    random: () => 0,
    sleep: async (ms, signal) => {
      waits.push(ms);
      onWait();
      if (!signal?.aborted) nowMs += ms;
    },
    say: (line) => lines.push(line),
    signal: asking.signal,
    stopWithinMs: 1_000,
  });
  return {
    process,
    lines,
    starts,
    waits,
    running: () => running,
    signal: asking.signal,
    ask: () => asking.abort(),
    onWait: (then: () => void) => void (onWait = then),
  };
}

/** Waits until so many processes were started. */
async function untilStarts(one: ReturnType<typeof supervised>, count: number): Promise<void> {
  while (one.starts.length < count) await new Promise((resolve) => setImmediate(resolve));
}

describe("a supervised process", () => {
  test("comes back on its old ports, and both end and return are reported", async () => {
    const one = supervised([{ ready: "there", end: killed }, { ready: "there" }]);
    expect(await one.process.ready).toBe("there");
    await untilStarts(one, 2);
    await new Promise((resolve) => setImmediate(resolve));
    expect(one.starts).toEqual([null, "there"]);
    expect(one.lines).toEqual(["api was ended by SIGKILL: it is started again in 0.1 s", "api is ready again"]);
    one.ask();
    expect(await one.process.ended).toBe(0);
    expect(one.running()).toBe(0);
  });

  test("waits twice as long each time, and shortly again after a stable time", async () => {
    const short: Script = { ready: "there", end: { code: 1, signal: null } };
    const one = supervised([short, short, short, { ...short, readyForMs: 60_000 }, short, { ready: "there" }]);
    await untilStarts(one, 6);
    expect(one.waits).toEqual([125, 250, 500, 125, 250]);
    one.ask();
    await one.process.ended;
  });

  test("that is asked to stop during a wait is not started again", async () => {
    const one = supervised([{ ready: "there", end: killed }, { ready: "there" }]);
    one.onWait(one.ask);
    expect(await one.process.ended).toBe(0);
    expect(one.starts).toHaveLength(1);
  });

  test("that is asked to stop while it starts is stopped, and never ready", async () => {
    const never = new Promise<null>(() => {});
    const asking = new AbortController();
    const over = Promise.withResolvers<ExitWay>();
    const process = supervise({
      name: "api",
      start: () => ({
        ready: Promise.race([never, over.promise.then(() => null)]),
        ended: over.promise,
        stop: async () => over.resolve(killed),
      }),
      clock: { nowMs: () => 0 },
      random: () => 0,
      sleep: async () => {},
      say: () => {},
      signal: asking.signal,
      stopWithinMs: 1_000,
    });
    asking.abort();
    expect([await process.ready, await process.ended]).toEqual([null, 0]);
  });

  test("with a wrong configuration is started once, and the product ends with its code", async () => {
    const one = supervised([{ end: { code: 2, signal: null } }]);
    expect([await one.process.ready, await one.process.ended]).toEqual([null, 2]);
    expect(one.lines).toEqual([
      "api ended with code 2 before it was ready: its configuration is wrong, so it is not started again and all else is stopped",
    ]);
  });

  test("that is never ready is given up, and the product ends with its code", async () => {
    const one = supervised(Array.from({ length: 20 }, () => ({ end: { code: 1, signal: null } })));
    expect(await one.process.ended).toBe(1);
    expect(one.starts).toHaveLength(startsMaxBeforeReady);
    expect(one.lines.at(-1)).toContain("so did 6 starts");
  });

  test("that fails before it is ready is not reported as ready, and comes back later on its old ports", async () => {
    const early: Script = { end: { code: 1, signal: null } };
    const one = supervised([early, { ready: "there", end: killed }, early, { ready: "there" }]);
    expect(await one.process.ready).toBe("there");
    await untilStarts(one, 4);
    await new Promise((resolve) => setImmediate(resolve));
    expect(one.starts).toEqual([null, null, "there", "there"]);
    expect(one.lines.filter((line) => line.includes("ready again"))).toHaveLength(1);
    one.ask();
    await one.process.ended;
  });

  test("that is asked to stop ends the product with 0 and prints nothing", async () => {
    for (const end of [{ code: 2, signal: null }, killed]) {
      const asking = new AbortController();
      const lines: string[] = [];
      const over = Promise.withResolvers<ExitWay>();
      const process = supervise({
        name: "api",
        start: () => ({ ready: Promise.resolve("there"), ended: over.promise, stop: async () => over.resolve(end) }),
        clock: { nowMs: () => 0 },
        random: () => 0,
        sleep: async () => {},
        say: (line) => lines.push(line),
        signal: asking.signal,
        stopWithinMs: 1_000,
      });
      await process.ready;
      asking.abort();
      expect([await process.ended, lines]).toEqual([0, []]);
    }
  });

  test("leaves no listener on the signal after any number of restarts", async () => {
    const one = supervised([...Array.from({ length: 5 }, () => ({ ready: "there", end: killed })), { ready: "there" }]);
    await untilStarts(one, 6);
    expect(getEventListeners(one.signal, "abort")).toHaveLength(1);
    one.ask();
    await one.process.ended;
    expect(getEventListeners(one.signal, "abort")).toEqual([]);
  });
});
