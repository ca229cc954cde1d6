/** Runs work of which there may be so much at once; the rest waits for its turn. */
export type Limited = <Result>(work: () => Promise<Result>) => Promise<Result>;

export function limitedTo(atOnceMax: number): Limited {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    // A place is taken before anything is waited for, and handed over rather than given back: no newcomer comes in between.
    if (running < atOnceMax) running += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
