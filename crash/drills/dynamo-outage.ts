import { setTimeout as sleep } from "node:timers/promises";
import { noFaults } from "@trinity/dynamodb-local/fault-choice";
import { openClosablePort } from "./closable-port.ts";
import { type Drill, type DrillStep, step } from "./drill.ts";

const awayForMs = 20_000;
const noticedWithinMs = 10_000;

/** Rows 23 and 24 on tables: nothing can be read or written for 20 s, without traffic. */
export const dynamoOutage: Drill = {
  row: "24",
  what: "DynamoDB: all throttled, status 500, and connections refused, 20 s each",
  async run(place) {
    const { environment, proxy } = await place.dynamo();
    const port = await openClosablePort(proxy.endpoint);
    try {
      const own = { ...environment, DYNAMODB_ENDPOINT: port.endpoint };
      const ingest = await place.start("ingest", own);
      const [api, worker] = [await place.start("api", own), await place.start("worker", own)];
      await place.send(ingest, 3);
      const outages: readonly (readonly [string, begin: () => Promise<void>, end: () => Promise<void>])[] = [
        ["throttled", async () => proxy.setRates({ ...noFaults, throttled: 1 }), async () => proxy.setRates(noFaults)],
        ["status 500", async () => proxy.setRates({ ...noFaults, serverError: 1 }), async () => proxy.setRates(noFaults)],
        ["refused", port.close, port.open],
      ];
      const steps: DrillStep[] = [];
      for (const [name, begin, end] of outages) {
        await begin();
        const fromMs = Date.now();
        const red = await Promise.all(
          [ingest, api, worker].map((one) => place.until(async () => (await one.readiness()).status === 503, noticedWithinMs)),
        );
        const answer = await place.sendOnce(ingest);
        await sleep(Math.max(0, awayForMs - (Date.now() - fromMs)));
        await end();
        const green = await Promise.all(
          [ingest, api, worker].map((one) => place.until(async () => (await one.readiness()).status === 200, noticedWithinMs)),
        );
        if (answer !== null) await place.until(async () => (await place.sendOnce(ingest, answer.batch))?.status === 202, noticedWithinMs);
        steps.push(
          step(`${name}: ingest, API and worker red within 10 s`, `red after ${red.join(", ")} ms`, !red.includes(null)),
          step("an event gets 503", `an event gets ${answer?.status}`),
          step("green within 10 s after the end", `after ${green.join(", ")} ms`, !green.includes(null)),
        );
      }
      await place.send(ingest, 3);
      const lives = [ingest, api, worker].every((one) => one.isRunning());
      return [
        ...steps,
        step("all processes still run", lives ? "all processes still run" : "one ended"),
        ...(await place.checkLedger({ ingest, api })),
      ];
    } finally {
      await port.close();
    }
  },
};
