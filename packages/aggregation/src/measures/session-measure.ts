import { defineMeasure } from "../measure.ts";

/** Sessions by their start. */
export const sessionComponent = { sessions: 0, bounces: 1, events: 2, durationSumMs: 3, durationBin0: 16 } as const;

export const sessionMeasure = defineMeasure(
  "session",
  ["session", "run"],
  [["platform"], ["deviceType"], ["locale"], ["appVersion"], ["source"], ["ageBand"]],
);
