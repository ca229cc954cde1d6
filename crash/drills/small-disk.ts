import { spawnSync } from "node:child_process";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { SkippedDrill, type SmallDisk } from "./drill.ts";

/** Space for two write-ahead logs of 4 MiB, and the databases beside them. */
const sizeMiB = 24;

/**
 * Mounts a file system in memory on an empty folder.
 * @throws {SkippedDrill} if this process may not mount
 */
export function mountSmallDisk(folder: string): SmallDisk & { unmount(): void } {
  const mounted = run("mount", ["-t", "tmpfs", "-o", `size=${sizeMiB}m,mode=0700`, "tmpfs", folder]);
  if (mounted !== null) throw new SkippedDrill(`mounting a small file system is not allowed here (run as root on Linux): ${mounted}`);
  // Lazy: a killed process may take a moment to close its files.
  const unmount = () => void run("umount", ["-l", folder]);
  // An interrupted run must leave nothing mounted.
  process.once("exit", unmount);
  return {
    fill() {
      const path = join(folder, "filler");
      const file = openSync(path, "w", 0o600);
      for (let block = Buffer.alloc(64 * 1024, 1); block.length > 0; ) {
        try {
          // A write may be partial: then the remaining space is smaller than the block.
          if (writeSync(file, block) < block.length) block = block.subarray(0, block.length >> 1);
        } catch {
          block = block.subarray(0, block.length >> 1);
        }
      }
      closeSync(file);
      return () => rmSync(path, { force: true });
    },
    remount(access) {
      const failure = run("mount", ["-o", `remount,${access}`, folder]);
      if (failure !== null) throw new Error(`the small file system could not be remounted ${access}: ${failure}`);
    },
    unmount() {
      process.removeListener("exit", unmount);
      unmount();
    },
  };
}

/** @returns the error; null on success */
function run(command: string, args: readonly string[]): string | null {
  const { status, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  if (status === 0) return null;
  return error?.message ?? stderr.trim();
}
