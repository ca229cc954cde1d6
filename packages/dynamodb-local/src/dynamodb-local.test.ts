import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { hasDynamoDbLocal, hasJava, startDynamoDbLocal } from "./dynamodb-local.testing.ts";

const isInstalled = hasDynamoDbLocal(process.env);
const emptyMachine = { PATH: "", XDG_CACHE_HOME: "no-such-folder" };
const machineWithJava = { ...emptyMachine, PATH: process.env["PATH"] };

test("without Java its tests are skipped, and the reason names the command that installs it", () => {
  const warn = vi.spyOn(console, "warn").mockReturnValue();
  expect(hasDynamoDbLocal(emptyMachine)).toBe(false);
  expect(warn).toHaveBeenCalledWith("skipped: java is not installed, which DynamoDB Local runs on: scripts/install-peers.sh");
});

test.skipIf(!hasJava(process.env))("without the emulator likewise", () => {
  const warn = vi.spyOn(console, "warn").mockReturnValue();
  expect(hasDynamoDbLocal(machineWithJava)).toBe(false);
  expect(warn).toHaveBeenCalledWith("skipped: DynamoDB Local is not in the cache folder: scripts/install-peers.sh");
});

test("where it is missing CI fails", () => {
  expect(() => hasDynamoDbLocal({ ...emptyMachine, CI: "true" })).toThrow("java is not installed");
});

test.skipIf(!isInstalled)("two that run at once have ports of their own, and one that was stopped is gone", async () => {
  const [one, other] = await Promise.all([startDynamoDbLocal(), startDynamoDbLocal()]);
  try {
    expect(one.endpoint).not.toBe(other.endpoint);
    expect(await isListening(one.endpoint)).toBe(true);
    await one.stop();
    await vi.waitUntil(async () => !(await isListening(one.endpoint)), { timeout: 20_000 });
    expect(await isListening(other.endpoint)).toBe(true);
  } finally {
    await Promise.all([one.stop(), other.stop()]);
  }
});

test.skipIf(!isInstalled)("it dies with a process that was killed before it could stop it", async () => {
  const parent = spawn(process.execPath, [fileURLToPath(new URL("./start-and-wait.testing.ts", import.meta.url))], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [endpoint] = (await once(createInterface(parent.stdout), "line")) as [string];
  expect(await isListening(endpoint)).toBe(true);
  parent.kill("SIGKILL");
  await vi.waitUntil(async () => !(await isListening(endpoint)), { timeout: 20_000 });
});

async function isListening(endpoint: string): Promise<boolean> {
  const { hostname, port } = new URL(endpoint);
  const socket = connect(Number(port), hostname);
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
