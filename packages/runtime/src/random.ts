/** The next number of a random source, uniform in [0, 1); only the `main.ts` of a process makes a real one. */
export type Random = () => number;
