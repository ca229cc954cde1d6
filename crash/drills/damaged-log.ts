import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { type Drill, type DrillPlace, step } from "./drill.ts";

const namedWithinMs = 30_000;
const mendedWithinMs = 30_000;
const often = { TRINITY_VERIFY_INTERVAL: "1s", TRINITY_LOG_CHECK_INTERVAL: "1s" };
const range = "from=1970-01-01&to=2100-01-01";

export const lostRows: Drill = {
  row: "20",
  what: "rows are deleted from chunk_day and event_id",
  run: async (place) => {
    const { ingest, api, rows } = await started(place);
    alterLog(place, (log) => log.exec("DELETE FROM chunk_day WHERE seq % 3 = 0; DELETE FROM event_id WHERE seq % 2 = 0"));
    const asked = await api.client.get(`/api/v1/explore/events?metric=votes&${range}`);
    const mended = await place.until(() => rows() === "", mendedWithinMs);
    const answer = await api.client.get(`/api/v1/explore/events?metric=votes&${range}`);
    return [
      step(
        "200 with everything or 503 with a reason",
        `${asked.status}`,
        asked.status === 200 || asked.text.includes("index of the log by day"),
      ),
      step("mended within 30 s", mended === null ? rows() : `after ${mended} ms`, mended !== null),
      step("200", answer.status),
      ...(await place.checkLedger({ ingest, api })),
    ];
  },
};

export const damagedChunks: Drill = {
  row: "21",
  what: "a byte of an old chunk is flipped, and another chunk is deleted",
  run: async (place) => {
    const { ingest, api, worker } = await started(place);
    alterLog(place, (log) => {
      const body = log.prepare<[], Buffer>("SELECT body FROM chunk WHERE seq = 5").pluck().get() as Buffer;
      body[body.length >> 1] = (body[body.length >> 1] as number) ^ 1;
      log.prepare("UPDATE chunk SET body = ? WHERE seq = 5").run(body);
      log.exec("DELETE FROM chunk WHERE seq = 7");
    });
    const isNamed = async () => {
      const all = await Promise.all([ingest, api, worker].map((one) => one.readiness()));
      return all.every(({ checks }) => /^chunk 5 of the log is damaged; restore .* \(and 1 more\)$/.test(checks["log"]?.reason ?? ""));
    };
    const named = await place.until(isNamed, namedWithinMs);
    const asked = await api.client.get(`/api/v1/explore/events?metric=votes&${range}`);
    const health = await api.client.get("/api/v1/health/verification");
    return [
      step("named by /readyz of all three within 30 s", named === null ? "not named" : `named after ${named} ms`, named !== null),
      step("503 that names the chunk", `${asked.status} ${asked.text}`, asked.status === 503 && asked.text.includes("chunk ")),
      step(
        "health names both chunks",
        health.text,
        health.text.includes("chunk 5 of the log is damaged") && health.text.includes("chunk 7 of the log is missing"),
      ),
      step("the log line names the chunk and the file", worker.output(), /"file":"log.db".*chunk 5 of the log/.test(worker.output())),
      step("events are still accepted", `${(await place.sendOnce(ingest))?.status}`, (await place.sendOnce(ingest))?.status === 202),
    ];
  },
};

async function started(place: DrillPlace) {
  const ingest = await place.start("ingest");
  await place.send(ingest, 30);
  const [api, worker] = [await place.start("api"), await place.start("worker", often)];
  await place.until(async () => (await worker.readiness()).status === 200, namedWithinMs);
  const whole = sums(place);
  /** The numbers that differ. */
  const rows = () => (sums(place) === whole ? "" : `${sums(place)} instead of ${whole}`);
  return { ingest, api, worker, rows };
}

function sums(place: DrillPlace): string {
  return alterLog(place, (log) =>
    JSON.stringify(log.prepare("SELECT (SELECT count(*) FROM chunk_day) AS days, (SELECT count(*) FROM event_id) AS ids").get()),
  );
}

function alterLog<Result>(place: DrillPlace, alter: (log: Sqlite.Database) => Result): Result {
  const log = new Sqlite(join(place.dataDir, "log.db"));
  try {
    return alter(log);
  } finally {
    log.close();
  }
}
