/**
 * Given to a process, this argument ties its life to its standard input, a pipe that the parent keeps open and never writes to.
 * The operating system closes the pipe however the parent dies.
 */
export const untilInputEnds = "--until-input-ends";

/** How often a process looks whether the npm that started it is still its parent. */
const parentEveryMs = 500;

/** A process without a parent has nobody who would end it: it exits so long after it was asked to stop, finished or not. */
const orphanMaxMsOfProduct = 10_000;

export type StopRequestsSettings = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly orphanMaxMs?: number;
};

/** Asks this process to stop, once, whoever asks first. */
export type StopRequests = {
  /** What a request does from now on. Until then, while the process starts, a request ends it at once. */
  answerWith(stop: () => void): void;
};

/**
 * Takes what asks a process to stop: SIGTERM, SIGINT, the end of the standard input if `untilInputEnds` was an argument,
 * and the death of the npm that runs it. Call it before anything else: what came earlier is not missed but for a signal.
 */
export function takeStopRequests({ env, orphanMaxMs = orphanMaxMsOfProduct }: StopRequestsSettings): StopRequests {
  let answer: () => void = () => process.exit(0);
  let isRequested = false;
  const request = () => {
    if (isRequested) return;
    isRequested = true;
    answer();
  };
  const orphaned = () => {
    setTimeout(() => process.exit(1), orphanMaxMs).unref();
    request();
  };
  process.on("SIGTERM", request);
  process.on("SIGINT", request);
  if (process.argv.includes(untilInputEnds)) whenInputEnds(orphaned);
  // npm hands signals on, but not its own death. Its standard input is not ours to watch: a terminal may be at its other end.
  if (env["npm_lifecycle_event"] !== undefined) whenParentChanges(orphaned);
  return { answerWith: (stop) => void (answer = stop) };
}

function whenInputEnds(ended: () => void): void {
  // A pipe closes, an empty file only ends.
  for (const event of ["end", "close", "error"]) process.stdin.once(event, ended);
  process.stdin.resume();
}

function whenParentChanges(changed: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    changed();
  }, parentEveryMs);
  timer.unref();
}
