import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Drill, type DrillPlace, type DrillStep, step } from "./drill.ts";

const trinity = fileURLToPath(new URL("../../apps/cli/src/main.ts", import.meta.url));
const frameBytes = 24 + 4_096;

type Act = { readonly what: string; readonly says: RegExp; readonly damage: (dataDir: string, older: string) => void };

const acts: readonly Act[] = [
  {
    what: "an older log.db is restored",
    says: /the log ends at commit \d+, but \d+ are counted; restore /,
    damage: (dataDir, older) => {
      removeFiles(dataDir, "log.db", "log.db-wal", "log.db-shm");
      for (const name of ["log.db", "log.db-wal"]) cpSync(join(older, name), join(dataDir, name), { force: true });
    },
  },
  {
    what: "log.db is cut to nothing",
    says: /log\.db is missing or empty, but \d+ of its commits are counted; restore /,
    damage: (dataDir) => truncateSync(join(dataDir, "log.db"), 0),
  },
  {
    what: "log.db is deleted",
    says: /log\.db is missing or empty, but \d+ of its commits are counted; restore /,
    damage: (dataDir) => removeFiles(dataDir, "log.db", "log.db-wal", "log.db-shm"),
  },
  {
    what: "a bit at the start of log.db-wal is flipped",
    says: /log\.db-wal is damaged at frame 2, and commits follow; restore /,
    damage: (dataDir) => {
      const bytes = readFileSync(join(dataDir, "log.db-wal"));
      const at = 32 + frameBytes + 24 + 1_000;
      bytes[at] = (bytes[at] as number) ^ 1;
      writeFileSync(join(dataDir, "log.db-wal"), bytes);
    },
  },
];

/** Row 19: the log ends before the watermark. Ingest is killed, so that its write-ahead log exists. */
export const logCutBack: Drill = {
  row: "19",
  what: "an older log.db, none, an empty one, a bit flipped in log.db-wal",
  async run(place) {
    const { dataDir } = place;
    const [whole, older] = [`${dataDir}-whole`, `${dataDir}-older`];
    try {
      const first = await place.start("ingest");
      await place.send(first, 5);
      await first.kill();
      copyFolder(dataDir, older);
      const second = await place.start("ingest");
      const api = await place.start("api");
      await place.send(second, 5);
      await api.total("votes");
      await second.kill();
      await api.stop();
      copyFolder(dataDir, whole);
      const steps: DrillStep[] = [];
      for (const act of acts) {
        putBack(whole, dataDir);
        act.damage(dataDir, older);
        steps.push(...(await rejected(place, act)));
      }
      putBack(whole, dataDir);
      const [ingest, asked] = [await place.start("ingest"), await place.start("api")];
      steps.push(...(await place.checkLedger({ ingest, api: asked })));
      await Promise.all([ingest.stop(), asked.stop()]);
      return [...steps, ...(await accepted(place, older))];
    } finally {
      for (const folder of [whole, older]) rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function rejected(place: DrillPlace, { what, says }: Act): Promise<readonly DrillStep[]> {
  const ingest = place.spawn("ingest");
  const code = await ingest.ended;
  const lines = ingest.output().trim().split("\n");
  const api = await place.start("api");
  const { status, checks } = await api.readiness();
  const total = await api.total("votes");
  await api.stop();
  return [
    step(
      `${what}: ingest ends with 2 and one line`,
      `${code}: ${lines.join(" | ")}`,
      code === 2 && lines.length === 1 && says.test(lines.join()),
    ),
    step(
      `${what}: the API is red with the reason, and answers 503`,
      `${status}, ${total}: ${checks["store"]?.reason}`,
      status === 503 && total === "503" && says.test(checks["store"]?.reason ?? ""),
    ),
  ];
}

/** The operator accepts the older log. */
async function accepted(place: DrillPlace, older: string): Promise<readonly DrillStep[]> {
  const { dataDir, environment } = place;
  removeFiles(dataDir, "log.db", "log.db-wal", "log.db-shm");
  for (const name of ["log.db", "log.db-wal"]) cpSync(join(older, name), join(dataDir, name), { force: true });
  const run = spawnSync(process.execPath, [trinity, "rebuild", "--from-log"], { env: { ...environment }, encoding: "utf8" });
  const [ingest, api] = [await place.start("ingest"), await place.start("api")];
  const before = Number(await api.total("events"));
  const answer = await place.sendOnce(ingest);
  const after = Number(await api.total("events"));
  await Promise.all([ingest.stop(), api.stop()]);
  return [
    step(
      "after rebuild --from-log no row differs",
      `${run.status}: ${run.stdout.trim()} ${run.stderr.trim()}`,
      run.status === 0 && run.stdout.includes(": 0 differ"),
    ),
    step(
      "events that are sent afterwards are counted",
      `${answer?.status}: ${before} events, then ${after}`,
      answer?.status === 202 && after > before,
    ),
  ];
}

function removeFiles(folder: string, ...names: readonly string[]): void {
  for (const name of names) rmSync(join(folder, name), { force: true });
}

function copyFolder(from: string, to: string): void {
  mkdirSync(to, { mode: 0o700 });
  cpSync(from, to, { recursive: true });
}

function putBack(from: string, dataDir: string): void {
  for (const name of readdirSync(dataDir)) rmSync(join(dataDir, name), { recursive: true, force: true });
  cpSync(from, dataDir, { recursive: true });
}
