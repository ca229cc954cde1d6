import { setTimeout as sleep } from "node:timers/promises";
import { type Drill, type Readiness, step } from "./drill.ts";

const fullForMs = 20_000;
const noticedWithinMs = 10_000;

/** Row 24: the disk is full for 20 s, while events are sent, and while none are. */
export const fullDisk: Drill = {
  row: "24",
  what: "the disk is full for 20 s without traffic, and for 20 s under traffic",
  async run(place) {
    const [ingest, api] = [await place.start("ingest"), await place.start("api")];
    await place.send(ingest, 20);
    const steps = [step("ready before", (await ingest.readiness()).status === 200 ? "ready before" : "not ready before")];
    for (const isSending of [false, true]) {
      const under = isSending ? "under traffic" : "without traffic";
      const giveBack = place.disk.fill();
      const fullFrom = Date.now();
      const sending = isSending ? sendWhile(() => Date.now() - fullFrom < fullForMs) : Promise.resolve([]);
      let reasons = "";
      const isRed = async () => {
        const { status, checks } = await ingest.readiness();
        reasons = reasonsOf(checks);
        return status === 503 && reasons.includes("the disk is full");
      };
      const redAfterMs = await place.until(isRed, noticedWithinMs);
      steps.push(
        step(
          `${under}: red within 10 s, with the reason`,
          `${redAfterMs === null ? "never red" : `red after ${redAfterMs} ms`}: ${reasons}`,
          redAfterMs !== null,
        ),
      );
      await sleep(Math.max(0, fullForMs - (Date.now() - fullFrom)));
      const stillRed = (await ingest.readiness()).status;
      const statuses = new Set(await sending);
      giveBack();
      const greenAfterMs = await place.until(async () => (await ingest.readiness()).status === 200, noticedWithinMs);
      if (isSending) steps.push(step("only 503 while it is full", [...statuses].join(" "), statuses.size === 1 && statuses.has(503)));
      steps.push(
        step("still red after 20 s", stillRed === 503 ? "still red after 20 s" : `status ${stillRed}`),
        step("green within 10 s after space is free", greenAfterMs === null ? "never" : `after ${greenAfterMs} ms`, greenAfterMs !== null),
      );
    }
    await place.send(ingest, 10);
    return [
      ...steps,
      step("the process still runs", ingest.isRunning() ? "the process still runs" : "it ended"),
      ...(await place.checkLedger({ ingest, api })),
    ];

    async function sendWhile(isGoingOn: () => boolean): Promise<number[]> {
      const statuses: number[] = [];
      let again: readonly object[] | undefined;
      while (isGoingOn()) {
        const answer = await place.sendOnce(ingest, again);
        statuses.push(answer?.status ?? 0);
        again = answer?.status === 503 ? answer.batch : undefined;
        await sleep(250);
      }
      return statuses;
    }
  },
};

/** Row 24: a killed process starts again while the disk is full. */
export const startOnFullDisk: Drill = {
  row: "24",
  what: "ingest is killed and started again while the disk is full",
  async run(place) {
    const before = await place.start("ingest");
    await place.send(before, 5);
    await before.kill();
    const giveBack = place.disk.fill();
    const [ingest, api] = [await place.start("ingest"), await place.start("api")];
    const { status, checks } = await ingest.readiness();
    const ofApi = (await api.readiness()).checks;
    const answer = await place.sendOnce(ingest);
    giveBack();
    const greenAfterMs = await place.until(async () => (await ingest.readiness()).status === 200, noticedWithinMs);
    await place.send(ingest, 5);
    return [
      step(
        "not ready, with the reason",
        `${status}: ${reasonsOf(checks)}`,
        status === 503 && reasonsOf(checks).includes("the disk is full"),
      ),
      step(
        "an API that starts then is not ready either, with the reason",
        reasonsOf(ofApi),
        /the disk is full|is not there yet/.test(reasonsOf(ofApi)) && !reasonsOf(ofApi).includes("check failed"),
      ),
      step("an event gets 503", `an event gets ${answer?.status}`),
      step("green within 10 s after space is free", greenAfterMs === null ? "never" : `after ${greenAfterMs} ms`, greenAfterMs !== null),
      ...(await place.checkLedger({ ingest, api })),
    ];
  },
};

function reasonsOf(checks: Readiness["checks"]): string {
  return Object.entries(checks)
    .flatMap(([name, { ok, reason }]) => (ok ? [] : [`${name}: ${reason}`]))
    .join("; ");
}
