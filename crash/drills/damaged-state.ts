import { closeSync, fstatSync, openSync, readdirSync, readSync, truncateSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type Drill, type DrillPlace, type DrillStep, step } from "./drill.ts";

const rebuiltWithinMs = 60_000;
const often = { TRINITY_VERIFY_INTERVAL: "1s" };

/** Truncates the state while no process has it open: every process then starts with it. */
export const cutState: Drill = {
  row: "22",
  what: "state.db is cut in half between two starts",
  run: async (place) => {
    const before = await place.start("ingest");
    await place.send(before, 30);
    await before.stop();
    const path = join(place.dataDir, "state.db");
    const bytes = openSync(path, "r");
    const half = Math.floor(fstatSync(bytes).size / 2);
    closeSync(bytes);
    truncateSync(path, half);
    const [ingest, api] = [await place.start("ingest"), await place.start("api")];
    return [...(await rebuilt(place, ingest, api)), ...(await place.checkLedger({ ingest, api }))];
  },
};

export const flippedState: Drill = {
  row: "22",
  what: "40 bits of state.db are flipped under running processes",
  run: async (place) => {
    const first = await place.start("ingest");
    await place.send(first, 30);
    await first.stop();
    const [ingest, api] = [await place.start("ingest"), await place.start("api"), await place.start("worker", often)];
    flipBits(join(place.dataDir, "state.db"), 40);
    return [...(await rebuilt(place, ingest, api)), ...(await place.checkLedger({ ingest, api }))];
  },
};

/** Flips a bit in each of two bytes of the header: one makes the file read-only for SQLite, the other makes its schema that of an unknown program. */
export const headerOfState: Drill = {
  row: "22",
  what: "one bit of the header of state.db is flipped between two starts: read-only (byte 18), and again: a schema that no program wrote (byte 63)",
  run: async (place) => {
    const steps: DrillStep[] = [];
    for (const { says, at, bit } of [
      { says: "read-only", at: 18, bit: 1 },
      { says: "a version that no program wrote", at: 63, bit: 64 },
    ]) {
      const before = await place.start("ingest");
      await place.send(before, 10);
      await before.stop();
      flipBit(join(place.dataDir, "state.db"), at, bit);
      const [ingest, api] = [await place.start("ingest"), await place.start("api")];
      const ofDamage = [...(await rebuilt(place, ingest, api)), ...(await place.checkLedger({ ingest, api }))];
      steps.push(...ofDamage.map(({ expected, ...seen }) => ({ expected: `${says}: ${expected}`, ...seen })));
      await Promise.all([ingest.stop(), api.stop()]);
      for (const name of readdirSync(place.dataDir)) if (name.startsWith("state.db.damaged-")) unlinkSync(join(place.dataDir, name));
    }
    return steps;
  },
};

async function rebuilt(
  place: DrillPlace,
  ingest: Awaited<ReturnType<DrillPlace["start"]>>,
  api: Awaited<ReturnType<DrillPlace["start"]>>,
): Promise<readonly DrillStep[]> {
  await place.send(ingest, 1);
  // A question before the damage is noticed would be answered from the intact pages.
  await place.until(() => readdirSync(place.dataDir).some((name) => name.startsWith("state.db.damaged-")), rebuiltWithinMs);
  const isReady = async () => (await ingest.readiness()).status === 200 && (await api.readiness()).status === 200;
  const took = await place.until(isReady, rebuiltWithinMs);
  return [
    step("ready again within 60 s", took === null ? "not ready" : `ready again after ${took} ms`, took !== null),
    step("no process exited", ingest.isRunning() && api.isRunning() ? "no process exited" : "a process exited"),
  ];
}

function flipBit(path: string, at: number, bit: number): void {
  const file = openSync(path, "r+");
  try {
    const byte = Buffer.alloc(1);
    readSync(file, byte, 0, 1, at);
    byte[0] = (byte[0] as number) ^ bit;
    writeSync(file, byte, 0, 1, at);
  } finally {
    closeSync(file);
  }
}

/** At seeded positions in the complete file. */
function flipBits(path: string, count: number): void {
  const file = openSync(path, "r+");
  try {
    const { size } = fstatSync(file);
    const byte = Buffer.alloc(1);
    for (let i = 0, place = 7; i < count; i++) {
      place = (place * 1_103_515_245 + 12_345) % 2_147_483_648;
      readSync(file, byte, 0, 1, place % size);
      byte[0] = (byte[0] as number) ^ (1 << (i % 8));
      writeSync(file, byte, 0, 1, place % size);
    }
  } finally {
    closeSync(file);
  }
}
