import type { ProductApp } from "@trinity/testing/product-pids";
import { type Drill, type DrillPlace, type DrillStep, type Environment, step } from "./drill.ts";
import { startWholeProduct } from "./whole-product.ts";

const apps: readonly ProductApp[] = ["api", "worker", "ingest"];
const backWithinMs = 30_000;

/** Row 28: each process of `npm start` is killed in turn; it must start again on its ports, and the others must continue. */
export const killedChild: Drill = {
  row: "28",
  what: "kill -9 of API, worker and ingest in turn, twice, under traffic",
  run: (place) => killChildren(place, {}),
};

export const killedChildOnDynamo: Drill = {
  row: "28",
  what: "DynamoDB: kill -9 of API, worker and ingest in turn, twice, under traffic",
  run: async (place) => killChildren(place, (await place.dynamo()).environment),
};

async function killChildren(place: DrillPlace, environment: Environment): Promise<readonly DrillStep[]> {
  const product = await startWholeProduct(place, environment);
  await place.send(product.ingest, 5);
  const steps: DrillStep[] = [];
  for (const app of [...apps, ...apps]) {
    const before = product.pids();
    const saidBefore = product.parent.output().length;
    const said = () => product.parent.output().slice(saidBefore);
    process.kill(before[app] as number, "SIGKILL");
    const sending = place.send(product.ingest, 5);
    const backAfterMs = await place.until(() => said().includes(`${app} is ready again`), backWithinMs);
    await sending;
    const after = product.pids();
    const isSame = apps.every((one) => (one === app) === (before[one] !== after[one]));
    steps.push(
      step(
        `${app} starts again, the others continue`,
        backAfterMs === null ? `${app} did not start again` : `back within ${backAfterMs + 100} ms`,
        backAfterMs !== null && isSame,
      ),
      step(
        "the output reports it",
        said().trim().replaceAll("\n", "; "),
        said().includes(`${app} was ended by SIGKILL: it is started again in `),
      ),
    );
  }
  const readiness = [await product.ingest.readiness(), await product.api.readiness()].map(({ status }) => status).join(" ");
  steps.push(step("ready at the same addresses", readiness === "200 200" ? "ready at the same addresses" : readiness));
  steps.push(...(await place.checkLedger(product)));
  steps.push(step("stops with 0", `stops with ${await product.stop()}`));
  return steps;
}
