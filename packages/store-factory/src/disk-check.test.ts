import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { open, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { manualClock } from "@trinity/testing/manual-clock";
import { expect, onTestFinished, test } from "vitest";
import { createDiskCheck, type DiskCalls } from "./disk-check.ts";

const failed = (code: string) => Object.assign(new Error(`${code}: /a/path`), { code });

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "trinity-disk-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A disk with one failing call, and what was left open or behind on it. */
function failingDisk(call: "open" | "write" | "datasync" | "close" | "rm" | "statfs" | null, code: string) {
  const fail = (name: string) => (call === name ? Promise.reject(failed(code)) : Promise.resolve());
  const seen = { writes: 0, opened: 0, closed: 0, removed: 0 };
  const calls = {
    open: async () => {
      await fail("open");
      seen.opened += 1;
      return {
        write: async (buffer: Uint8Array, at: number) => {
          await fail("write");
          seen.writes += 1;
          // In parts, as a disk may do it.
          return { bytesWritten: Math.min(100_000, buffer.length - at), buffer };
        },
        datasync: () => fail("datasync"),
        close: async () => {
          seen.closed += 1;
          await fail("close");
        },
      };
    },
    rm: async () => {
      seen.removed += 1;
      await fail("rm");
    },
    statfs: async () => {
      await fail("statfs");
      return { bavail: 50, blocks: 100 };
    },
  } as unknown as DiskCalls;
  return { calls, seen };
}

test("a writable disk is ready, and nothing is left on it", async () => {
  const folder = newFolder();
  const check = createDiskCheck({ folder, process: "ingest", clock: manualClock(0) });
  expect(await check()).toMatchObject({ ok: true });
  expect(readdirSync(folder)).toEqual([]);
});

test("the reason why a disk cannot be written is reported at any call, without a path", async () => {
  const reasons = {
    ENOSPC: "the disk is full",
    EDQUOT: "the quota of the disk is used up",
    EROFS: "the disk is read-only",
    EIO: "the disk fails",
    ENOENT: "the data folder is missing",
    EACCES: "the data folder may not be written",
    EMFILE: "too many files are open",
    ESOMETHING: "the disk cannot be written",
  };
  for (const [code, reason] of Object.entries(reasons)) {
    for (const call of ["open", "write", "datasync"] as const) {
      const { calls } = failingDisk(call, code);
      const check = createDiskCheck({ folder: "/nowhere", process: "ingest", clock: manualClock(0), calls });
      expect(await check(), `${code} at ${call}`).toEqual({ ok: false, reason });
    }
  }
});

test("whatever fails, the file is closed and removed", async () => {
  for (const call of ["write", "datasync", "close", "rm", "statfs", null] as const) {
    const { calls, seen } = failingDisk(call, "EIO");
    await createDiskCheck({ folder: "/nowhere", process: "ingest", clock: manualClock(0), calls })();
    expect(seen, `${call}`).toMatchObject({ opened: 1, closed: 1, removed: 1 });
  }
});

test("a missing folder is reported, unless it is created later", async () => {
  const [folder, clock] = [join(newFolder(), "missing"), manualClock(0)];
  expect(await createDiskCheck({ folder, process: "ingest", clock })()).toEqual({ ok: false, reason: "the data folder is missing" });
  expect(await createDiskCheck({ folder, process: "worker", clock, mayBeMissing: true })()).toEqual({ ok: true });
});

test("less than a twentieth of free space is reported before the disk is full", async () => {
  for (const [bavail, result] of [
    [5, { ok: true }],
    [4, { ok: true, detail: "less than 5 % of the disk is free" }],
    [0, { ok: true, detail: "less than 5 % of the disk is free" }],
  ] as const) {
    const calls: DiskCalls = { open, rm, statfs: async () => ({ bavail, blocks: 100 }) };
    const check = createDiskCheck({ folder: newFolder(), process: "ingest", clock: manualClock(0), calls });
    expect(await check(), `${bavail}`).toEqual(result);
  }
});

test("the disk is written at most once in two seconds, however often the check is called", async () => {
  const clock = manualClock(1_000);
  const { calls, seen } = failingDisk(null, "");
  const check = createDiskCheck({ folder: "/nowhere", process: "ingest", clock, calls });
  await Promise.all([check(), check(), check()]);
  await clock.moveBy(1_999);
  await check();
  expect(seen.opened).toBe(1);
  await clock.moveBy(1);
  await check();
  expect(seen.opened).toBe(2);
});

test("while a write hangs no other begins, and all calls share its result", async () => {
  const clock = manualClock(0);
  const hanging = Promise.withResolvers<never>();
  let opened = 0;
  const calls: DiskCalls = { rm, statfs, open: () => ((opened += 1), hanging.promise) };
  const check = createDiskCheck({ folder: "/nowhere", process: "ingest", clock, calls });
  const first = check();
  await clock.moveBy(60_000);
  const second = check();
  hanging.reject(failed("EIO"));
  expect(await Promise.all([first, second])).toEqual([1, 2].map(() => ({ ok: false, reason: "the disk fails" })));
  expect(opened).toBe(1);
});

test("when the folder may be missing, only that is no problem", async () => {
  const { calls } = failingDisk("open", "EIO");
  const check = createDiskCheck({ folder: "/nowhere", process: "worker", clock: manualClock(0), mayBeMissing: true, calls });
  expect(await check()).toEqual({ ok: false, reason: "the disk fails" });
});

test("a check writes 256 KiB, all of them", async () => {
  let written = 0;
  const file = {
    write: async (buffer: Uint8Array, at: number) => {
      const bytesWritten = Math.min(100_000, buffer.length - at);
      written += bytesWritten;
      return { bytesWritten, buffer };
    },
    datasync: async () => {},
    close: async () => {},
  };
  const calls = { open: async () => file, rm: async () => {}, statfs: async () => ({ bavail: 50, blocks: 100 }) } as unknown as DiskCalls;
  await createDiskCheck({ folder: "/nowhere", process: "ingest", clock: manualClock(0), calls })();
  expect(written).toBe(256 * 1024);
});

test("while a write hangs no earlier result is used, also when the clock is set back", async () => {
  let nowMs = 0;
  const { calls, seen } = failingDisk(null, "");
  const hanging = Promise.withResolvers<never>();
  const openThenHang: DiskCalls["open"] = (...args) => (seen.opened === 0 ? calls.open(...args) : hanging.promise);
  const check = createDiskCheck({
    folder: "/nowhere",
    process: "ingest",
    clock: { nowMs: () => nowMs },
    calls: { ...calls, open: openThenHang },
  });
  expect(await check()).toEqual({ ok: true });
  nowMs = 2_000;
  const first = check();
  nowMs = 1_000;
  const second = check();
  hanging.reject(failed("EIO"));
  expect(await Promise.all([first, second])).toEqual([1, 2].map(() => ({ ok: false, reason: "the disk fails" })));
});
