import { readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Drill, step } from "./drill.ts";

/** Row 25: the files in the data folder are deleted while ingest and the API run. */
export const dataFolderGone: Drill = {
  row: "25",
  what: "everything in the data folder is moved away, then deleted, under running processes",
  async run(place) {
    const { dataDir } = place;
    const [ingest, api] = [await place.start("ingest"), await place.start("api")];
    await place.send(ingest, 5);
    await api.total("votes");
    const away = `${dataDir}-away`;
    renameSync(dataDir, away);
    const first = await place.sendOnce(ingest);
    const [ready, apiReady, total] = [await ingest.readiness(), await api.readiness(), await api.total("votes")];
    renameSync(away, dataDir);
    const back = await place.sendOnce(ingest, first?.batch);
    const good = await place.checkLedger({ ingest, api });
    for (const name of readdirSync(dataDir)) rmSync(join(dataDir, name), { recursive: true });
    const statuses = new Set<number>();
    for (let i = 0; i < 10; i++) statuses.add((await place.sendOnce(ingest))?.status ?? 0);
    const reason = ready.checks["store"]?.reason ?? "";
    return [
      step("the next batch is not acknowledged", first?.status ?? 0, first?.status === 503),
      step("ingest is red with the reason", `${ready.status}: ${reason}`, ready.status === 503 && reason.startsWith("log.db is gone: ")),
      step("the API is red and answers 503", `${apiReady.status} ${total}`, apiReady.status === 503 && total === "503"),
      step("put back, the batch is acknowledged", back?.status ?? 0, back?.status === 202),
      ...good,
      step("deleted, nothing is acknowledged", [...statuses].join(" "), statuses.size === 1 && statuses.has(503)),
      step(
        "no database is created",
        readdirSync(dataDir)
          .filter((name) => name.endsWith(".db"))
          .join(" ") || "no database",
        readdirSync(dataDir).every((name) => !name.endsWith(".db")),
      ),
      step("both still run", `${ingest.isRunning()} ${api.isRunning()}`, ingest.isRunning() && api.isRunning()),
    ];
  },
};
