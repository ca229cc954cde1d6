/** Lets many streams work one after another, a few in each round of the event loop, so that everything else of the process gets its turn. */
export type Turns = {
  /** Resolves when it is the caller's turn, in the order of the calls. */
  next(): Promise<void>;
};

/** What one turn does takes some 40 microseconds: one block to a socket. */
const turnsPerRound = 32;

export function createTurns(perRound = turnsPerRound): Turns {
  let waiting: (() => void)[] = [];

  function round(): void {
    const now = waiting.slice(0, perRound);
    waiting = waiting.slice(perRound);
    if (waiting.length > 0) setImmediate(round);
    for (const take of now) take();
  }

  return {
    next: () =>
      new Promise((resolve) => {
        if (waiting.push(resolve) === 1) setImmediate(round);
      }),
  };
}
