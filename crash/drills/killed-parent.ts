import { isRunning } from "@trinity/testing/product-pids";
import { type Drill, type DrillPlace, type DrillStep, type Environment, step } from "./drill.ts";
import { startWholeProduct } from "./whole-product.ts";

/** The maximum time to stop a process, and one second more. */
const endWithinMs = 11_000;

/** Row 27: `npm start` is killed; its children must end, and the next start must work. */
export const killedParent: Drill = {
  row: "27",
  what: "kill -9 of npm start under traffic, and again on the same ports",
  run: (place) => killParent(place, {}),
};

export const killedParentOnDynamo: Drill = {
  row: "27",
  what: "DynamoDB: kill -9 of npm start under traffic, and again on the same ports",
  run: async (place) => killParent(place, (await place.dynamo()).environment),
};

async function killParent(place: DrillPlace, environment: Environment): Promise<readonly DrillStep[]> {
  const first = await startWholeProduct(place, environment);
  await place.send(first.ingest, 20);
  const pids = Object.values(first.pids());
  const sending = place.sendOnce(first.ingest);
  await first.parent.kill();
  await sending;
  const endedAfterMs = await place.until(() => !pids.some(isRunning), endWithinMs);
  const steps = [
    step("ingest, API and worker ran", pids.length === 3 ? "ingest, API and worker ran" : `${pids.length} processes ran`),
    step(
      "all end with their parent",
      endedAfterMs === null ? "some still run" : `all ended within ${endedAfterMs + 100} ms`,
      endedAfterMs !== null,
    ),
  ];
  const second = await startWholeProduct(place, { ...environment, ...first.ports });
  await place.send(second.ingest, 5);
  steps.push(step("the next start is ready on the same ports", "the next start is ready on the same ports"));
  steps.push(...(await place.checkLedger(second)));
  steps.push(step("stops with 0", `stops with ${await second.stop()}`));
  return steps;
}
