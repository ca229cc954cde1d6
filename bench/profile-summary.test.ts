import { expect, test } from "vitest";
import { selfTimes } from "./profile-summary.ts";

const frame = (functionName: string) => ({ functionName, url: "", lineNumber: 0 });

test("time belongs to the function that was running, and idle time to none", () => {
  const nodes = ["fold", "(idle)", "append"].map((name, id) => ({ id, callFrame: frame(name) }));
  const times = selfTimes({ nodes, samples: [0, 1, 2, 0], timeDeltas: [2_000, 90_000, 1_000, 1_000] }, 10);
  expect(times).toEqual([
    { name: "fold", ms: 3, share: 0.75 },
    { name: "append", ms: 1, share: 0.25 },
  ]);
});
