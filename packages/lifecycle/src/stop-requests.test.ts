import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { untilInputEnds } from "./stop-requests.ts";

const script = fileURLToPath(new URL("./stoppable-process.testing.ts", import.meta.url));
const started: ChildProcess[] = [];
const startedByHand = { PATH: process.env["PATH"] };

afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
});

/** Starts the process of these tests, and waits until it is ready. */
async function start(args: readonly string[], options: Omit<SpawnOptions, "stdio"> & { readonly input?: "pipe" | "ignore" } = {}) {
  const { input = "pipe", ...others } = options;
  const child = spawn(process.execPath, [script, ...args], { env: startedByHand, ...others, stdio: [input, "pipe", "inherit"] });
  started.push(child);
  let output = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (output += text));
  while (!output.includes("ready")) await once(child.stdout as NodeJS.ReadableStream, "data");
  const ended = once(child, "close").then(([code, signal]) => ({ code, signal, output }));
  return { child, ended };
}

describe("a process is asked to stop, once,", () => {
  test.each(["SIGTERM", "SIGINT"] as const)("by %s", async (signal) => {
    const { child, ended } = await start([]);
    child.kill(signal);
    child.kill(signal);
    expect(await ended).toEqual({ code: 7, signal: null, output: "ready\nstopping\n" });
  });

  test("by the end of its input, if it was started so", async () => {
    const { child, ended } = await start([untilInputEnds]);
    child.stdin?.destroy();
    expect(await ended).toEqual({ code: 7, signal: null, output: "ready\nstopping\n" });
  });

  test("by an input that ended before the process looked at it", async () => {
    const { ended } = await start([untilInputEnds], { input: "ignore" });
    expect((await ended).output).toContain("stopping");
  });

  test("by the death of the npm that runs it", async () => {
    // As npm does it: a shell in between becomes the process. Killed is what stands in for npm.
    const asNpm = 'node "$0" & echo "$!" >&2; wait';
    const npm = spawn("sh", ["-c", asNpm, script], {
      env: { PATH: process.env["PATH"], npm_lifecycle_event: "start" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    started.push(npm);
    let output = "";
    npm.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    while (!output.includes("ready")) await once(npm.stdout, "data");
    npm.kill("SIGKILL");
    await once(npm.stdout, "close"); // once every process that could write to it has ended
    expect(output).toBe("ready\nstopping\n");
  });
});

test("a process without a parent that does not stop exits with 1 all the same", async () => {
  const { child, ended } = await start([untilInputEnds, "stuck"]);
  child.stdin?.destroy();
  expect(await ended).toEqual({ code: 1, signal: null, output: "ready\nstopping\n" });
});

test("a process that is still starting ends at once", async () => {
  const { child, ended } = await start([untilInputEnds, "starting"]);
  child.stdin?.destroy();
  expect(await ended).toMatchObject({ code: 0, signal: null });
});

test.each(["pipe", "ignore"] as const)("a process that was started alone lives on when its input ends (%s)", async (input) => {
  const [alone, tied] = await Promise.all([start([], { input }), start([untilInputEnds])]);
  alone.child.stdin?.destroy();
  tied.child.stdin?.destroy();
  await tied.ended;
  alone.child.kill("SIGKILL");
  expect(await alone.ended).toEqual({ code: null, signal: "SIGKILL", output: "ready\n" });
});
