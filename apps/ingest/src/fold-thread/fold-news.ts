import type { FoldNews } from "./follow-log.ts";
import type { FoldCommand } from "./messages.ts";

/** The commands that the fold thread gets, as news for what follows the log. */
export type FoldCommands = FoldNews & { receive(command: FoldCommand): void };

/** @param sleep resolves after that time; rejects, or never resolves, after its signal is aborted */
export function createFoldNews(sleep: (ms: number, signal: AbortSignal) => Promise<unknown>): FoldCommands {
  let commits = 0;
  let isStopping = false;
  let isReported = false;
  let wake = () => {};
  return {
    receive(command) {
      if (command === "stop") isStopping = true;
      else commits += 1;
      isReported = true;
      wake();
    },
    isStopping: () => isStopping,
    take() {
      isReported = false;
      return commits;
    },
    wait(ms) {
      if (isReported) return Promise.resolve();
      return new Promise((resolve) => {
        const waiting = new AbortController();
        wake = () => {
          waiting.abort();
          resolve();
        };
        sleep(ms, waiting.signal).then(() => resolve(), resolve);
      });
    },
  };
}
