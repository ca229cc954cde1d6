import { spawn } from "node:child_process";
import { once } from "node:events";
import { childrenOf } from "@trinity/testing/process-tree";
import { isRunning } from "@trinity/testing/product-pids";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Child, ChildLostError, startChild } from "./child-calls.ts";
import { partsAhead } from "./child-messages.ts";
import type { EchoRequest } from "./echo-child.testing.ts";

const script = new URL("./echo-child.testing.ts", import.meta.url);

let child: Child<EchoRequest, number, string>;
let told: string[];
beforeEach(() => {
  const toldHere: string[] = [];
  told = toldHere;
  child = startChild({ script, onTrouble: (trouble) => toldHere.push(trouble), onEnd: () => toldHere.push("ended") });
});
afterEach(() => child.kill());

const count = (to: number, take: (n: number) => void = () => {}, signal?: AbortSignal) => child.call({ kind: "count", to }, take, signal);

test("parts come in order, before the reply, and calls beside each other get their own", async () => {
  const [many, few]: [number[], number[]] = [[], []];
  const replies = await Promise.all([
    count(1_000, (n) => many.push(n)),
    count(3, (n) => few.push(n)),
    child.call({ kind: "trouble", trouble: "hot" }, () => {}),
  ]);
  expect(replies).toEqual(["all 1000", "all 3", "trouble"]);
  expect([many, few]).toEqual([Array.from({ length: 1_000 }, (_, i) => i + 1), [1, 2, 3]]);
  expect(told).toEqual(["hot"]);
});

test("a caller who leaves ends the call, in the middle of its parts as well", async () => {
  const leaving = new AbortController();
  const waiting = child.call({ kind: "wait" }, () => {}, leaving.signal);
  const counting = count(1e9, (n) => void (n === 10 && leaving.abort()), leaving.signal);
  expect(await waiting).toBe("wait");
  const sent = Number(/given up after (\d+)/.exec(await counting)?.[1]);
  expect(sent).toBeLessThanOrEqual(10 + partsAhead);
  await expect(count(1, () => {}, leaving.signal)).rejects.toThrow(/abort/);
});

test("what takes a part and throws ends its call, and no other", async () => {
  const refused = count(1e9, () => {
    throw new TypeError("not wanted");
  });
  await expect(refused).rejects.toThrow(TypeError);
  expect(await count(2)).toBe("all 2");
});

test("when the child ends, whoever waits is told, and whoever comes later", async () => {
  const waiting = child.call({ kind: "wait" }, () => {}).catch((error: unknown) => [error, [...told]]);
  void child.call({ kind: "exit" }, () => {}).catch(() => {});
  expect(await waiting).toEqual([expect.any(ChildLostError), ["ended"]]);
  expect(child.isAlive).toBe(false);
  await expect(count(1)).rejects.toBeInstanceOf(ChildLostError);
});

test("a child ends with the process that started it, however that one ends", async () => {
  const code = `
    const { startChild } = await import(${JSON.stringify(new URL("./child-calls.ts", import.meta.url).href)});
    const child = startChild({ script: new URL(${JSON.stringify(script.href)}) });
    await child.call({ kind: "count", to: 1 }, () => console.log("ready"));
    void child.call({ kind: "wait" }, () => {});`;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: ["ignore", "pipe", "inherit"] });
  await once(parent.stdout, "data");
  const [started] = childrenOf(parent.pid as number);
  parent.kill("SIGKILL");
  await vi.waitFor(() => expect(isRunning(started as number)).toBe(false), { timeout: 5_000 });
});
