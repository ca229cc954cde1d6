/** Where time comes from; only the `main.ts` of a process makes a real one. */
export type Clock = {
  /** Unix time in milliseconds. */
  nowMs(): number;
};
