import { statSync } from "node:fs";
import { basename } from "node:path";
import { DamagedDataError } from "@trinity/storage/event-store";

/** The identity of opened files of a data folder. */
export type OpenedFiles = {
  /** Called once the files are open. The first identity counts, also when they are reopened. */
  noteOpened(): void;
  isOpened(): boolean;
  /**
   * Writes to a deleted, moved or replaced file succeed but are lost.
   * @throws {DamagedDataError} when a path is no longer the file that was opened
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
