import fc from "fast-check";
import { beforeEach, type TestContext } from "vitest";

declare module "vitest" {
  interface TaskMeta {
    /** On how many inputs the test tried its property; the smallest number, if it checks several. */
    propertyRuns?: number;
  }
}

let current: TestContext | null = null;
beforeEach((context) => {
  current = context;
});

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env["PROPERTY_SEED"]) });
fc.installGlobalPlugin(() => ({
  onAllRunsComplete({ numRuns }) {
    if (current === null) return;
    const { meta } = current.task;
    meta.propertyRuns = Math.min(meta.propertyRuns ?? numRuns, numRuns);
  },
}));
