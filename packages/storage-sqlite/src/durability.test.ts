import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { StoreTakenError, StoreUnavailableError } from "@trinity/storage/event-store";
import { batchOf, idsByChunk, keyOf, newEvent } from "@trinity/storage/store-examples";
import { expect, test } from "vitest";
import { usingDataDir, usingStore } from "./data-dir.testing.ts";

const appendingProcess = fileURLToPath(new URL("./appending-process.testing.ts", import.meta.url));
const tracer = "strace";

test("each append is synced to the disk before it is acknowledged", ({ skip }) =>
  usingDataDir(async (dataDir) => {
    if (spawnSync(tracer, ["-c", "true"]).status !== 0) skip("strace is not there, or may not trace");
    const summary = join(dataDir, "syscalls");
    const traced = ["-f", "-c", "-e", "trace=fsync,fdatasync", "-o", summary, process.execPath, appendingProcess, dataDir, "1", "200"];
    expect(spawnSync(tracer, traced).status).toBe(0);
    const counts = [...readFileSync(summary, "utf8").matchAll(/^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s.*f(?:data)?sync$/gm)].map(([, calls]) =>
      Number(calls),
    );
    expect(counts.reduce((sum, calls) => sum + calls, 0)).toBeGreaterThanOrEqual(200);
  }));

test("a process killed among its appends loses nothing it acknowledged, and what is sent again counts once", () =>
  usingDataDir(async (dataDir) => {
    let sent = 0;
    for (const killAfter of [1, 3, 10, 30, 60]) {
      const acknowledged = await appendUntilKilled(dataDir, sent + 1, killAfter);
      await usingStore(dataDir, async (store) => {
        for (let i = sent + 1; i <= acknowledged; i++)
          expect((await store.eventStatus(keyOf(`${i}-b`))).state, `batch ${i}`).toBe("stored");
        // What the dead process may or may not have finished is sent again, as any sender does.
        sent = acknowledged + 1;
        await store.append(batchOf([newEvent(`${sent}-a`), newEvent(`${sent}-b`)]));
        const ids = (await idsByChunk(store)).flat();
        expect(ids.filter((id) => id.endsWith("-a"))).toEqual(Array.from({ length: ids.length / 2 }, (_, i) => `${i + 1}-a`));
        sent = ids.length / 2;
      });
    }
  }));

test("only one process appends; when it dies, the next may", () =>
  usingDataDir(async (dataDir) => {
    const other = startAppending(dataDir, 1);
    await other.nextLine();
    await usingStore(dataDir, async (store) => {
      expect(await store.headSeq()).toBeGreaterThan(0);
      await expect(store.append(batchOf([newEvent("mine")]))).rejects.toThrow(
        new StoreTakenError("another process appends to this log; only one may"),
      );
      await other.kill();
      expect(await store.append(batchOf([newEvent("mine")]))).toEqual({ duplicate: [false] });
    });
  }));

test("of two stores in one process, only the first that appends may, until it closes", () =>
  usingDataDir((dataDir) =>
    usingStore(dataDir, async (second) => {
      await usingStore(dataDir, async (first) => {
        await first.append(batchOf([]));
        await expect(second.append(batchOf([newEvent("a")]))).rejects.toBeInstanceOf(StoreUnavailableError);
      });
      expect(await second.append(batchOf([newEvent("a")]))).toEqual({ duplicate: [false] });
    }),
  ));

/** @returns the last batch that was acknowledged before the process was killed */
async function appendUntilKilled(dataDir: string, first: number, killAfter: number): Promise<number> {
  const appending = startAppending(dataDir, first);
  for (let lines = 0; lines < killAfter; lines++) await appending.nextLine();
  return appending.kill();
}

function startAppending(dataDir: string, first: number) {
  const child = spawn(process.execPath, [appendingProcess, dataDir, `${first}`, "1000000"], { stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let last = first - 1;
  const nextLine = async () => {
    const line = await lines.next();
    if (line.done !== true) last = Number(line.value);
    return line.done !== true;
  };
  const kill = async () => {
    child.kill("SIGKILL");
    while (await nextLine());
    return last;
  };
  return { nextLine, kill };
}
