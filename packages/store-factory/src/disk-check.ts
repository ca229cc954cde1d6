import { type FileHandle, open, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "@trinity/runtime/clock";

/** A result of a readiness check; see `@trinity/http/health`. */
export type DiskCheckResult = { readonly ok: true; readonly detail?: string } | { readonly ok: false; readonly reason: string };

/** The system calls of a check. */
export type DiskCalls = {
  open(path: string, flags: string, mode: number): Promise<Pick<FileHandle, "write" | "datasync" | "close">>;
  rm(path: string): Promise<void>;
  statfs(path: string): Promise<{ readonly bavail: number; readonly blocks: number }>;
};

export type DiskCheckSettings = {
  readonly folder: string;
  /** Part of the file name, so that processes in one folder use different files. */
  readonly process: string;
  readonly clock: Clock;
  /** When the folder is created later, its absence is no problem. */
  readonly mayBeMissing?: boolean;
  readonly calls?: DiskCalls;
};

/** Calls within this time share one result. */
const everyMs = 2_000;
/** The size of a commit of some hundred events. */
const probe = Buffer.alloc(256 * 1024, "x");
const lowShare = 0.05;

/**
 * A readiness check of the disk. It writes, syncs and removes 256 KiB in the folder, because only a write detects a full or read-only disk, a
 * quota or an error. It allocates new space each time: a write to allocated space succeeds even on a full disk.
 * It writes only when it is called, at most once in two seconds. While a write hangs, no other begins.
 */
export function createDiskCheck(settings: DiskCheckSettings): () => Promise<DiskCheckResult> {
  const { clock } = settings;
  let last: { readonly result: DiskCheckResult; readonly atMs: number } | null = null;
  let running: Promise<DiskCheckResult> | null = null;

  async function lookAnew(): Promise<DiskCheckResult> {
    const result = await resultOf(settings);
    last = { result, atMs: clock.nowMs() };
    running = null;
    return result;
  }

  return async () => {
    if (running === null && last !== null && Math.abs(clock.nowMs() - last.atMs) < everyMs) return last.result;
    running ??= lookAnew();
    return running;
  };
}

async function resultOf(settings: DiskCheckSettings): Promise<DiskCheckResult> {
  const { folder, mayBeMissing = false, calls = { open, rm, statfs } } = settings;
  try {
    await writeProbe(join(folder, `disk-check-${settings.process}`), calls);
    const { bavail, blocks } = await calls.statfs(folder);
    return bavail < blocks * lowShare ? { ok: true, detail: "less than 5 % of the disk is free" } : { ok: true };
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" && mayBeMissing) return { ok: true };
    return { ok: false, reason: reasons[code] ?? "the disk cannot be written" };
  }
}

async function writeProbe(path: string, calls: DiskCalls): Promise<void> {
  const file = await calls.open(path, "w", 0o600);
  try {
    for (let at = 0; at < probe.length; ) at += (await file.write(probe, at)).bytesWritten;
    await file.datasync();
  } finally {
    // Both, even if one fails: neither the descriptor nor the space may leak.
    await Promise.allSettled([file.close(), calls.rm(path)]);
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the quota of the disk is used up",
  EROFS: "the disk is read-only",
  EIO: "the disk fails",
  ENOENT: "the data folder is missing",
  EACCES: "the data folder may not be written",
  EPERM: "the data folder may not be written",
  EMFILE: "too many files are open",
  ENFILE: "too many files are open",
};
