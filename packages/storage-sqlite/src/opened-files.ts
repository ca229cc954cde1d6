import { statSync } from "node:fs";
import { basename } from "node:path";
import { DamagedDataError } from "@trinity/storage/event-store";

/** Files of a data folder, from the moment they were opened on. */
export type OpenedFiles = {
  /** Called once they are open. What was opened first counts, also when it is opened again. */
  noteOpened(): void;
  isOpened(): boolean;
  /**
   * A file that was deleted, moved or replaced is written on all the same, into nothing.
   * @throws {DamagedDataError} when a path no longer names the file that was opened
   */
  requireInPlace(): void;
};

export function openedFiles(...paths: readonly string[]): OpenedFiles {
  let opened: readonly (string | null)[] | null = null;
  return {
    noteOpened: () => {
      opened ??= paths.map(identityOf);
    },
    isOpened: () => opened !== null,
    requireInPlace: () => {
      if (opened === null) return;
      for (const [i, path] of paths.entries()) {
        const found = identityOf(path);
        if (found === opened[i]) continue;
        const what = found === null ? "is gone" : "is another file than the one that was opened";
        throw new DamagedDataError(`${basename(path)} ${what}: the data folder was deleted, moved or replaced; put it back and restart`);
      }
    },
  };
}

function identityOf(path: string): string | null {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? null : `${stats.dev}:${stats.ino}`;
}
