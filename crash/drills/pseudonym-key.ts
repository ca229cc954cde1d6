import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Drill, type DrillPlace, type DrillStep, step } from "./drill.ts";

const another = { TRINITY_PSEUDONYM_KEY: "another-pseudonym-key-0123456789-0123456789" };

/** Row 26: the pseudonym key is not the one that the data was written with. */
export const pseudonymKey: Drill = {
  row: "26",
  what: "pseudonym.key is missing, incomplete, not hexadecimal, or another key",
  async run(place) {
    const file = join(place.dataDir, "pseudonym.key");
    const first = await place.start("ingest");
    await place.send(first, 5);
    await first.stop();
    const key = readFileSync(file, "utf8");
    const steps: DrillStep[] = [];
    rmSync(file);
    steps.push(await rejected(place, "missing", /^pseudonym\.key: is missing, but the data was written with one; restore it/));
    steps.push(step("missing: no key is created", `${existsSync(file)}`, !existsSync(file)));
    for (const [what, text] of Object.entries({
      incomplete: key.slice(0, 30),
      empty: "",
      "too long": `${key}00`,
      "not hexadecimal": `g${key.slice(1)}`,
    })) {
      writeFileSync(file, text, { mode: 0o600 });
      steps.push(await rejected(place, what, /^pseudonym\.key: is not a whole key, of 64 hexadecimal digits; restore it from a copy$/));
    }
    const isAnother = /^pseudonym\.key or TRINITY_PSEUDONYM_KEY: is another key than the data was written with; put back/;
    writeFileSync(file, "0".repeat(64), { mode: 0o600 });
    steps.push(await rejected(place, "another key in its place", isAnother));
    writeFileSync(file, key, { mode: 0o600 });
    steps.push(await rejected(place, "another TRINITY_PSEUDONYM_KEY", isAnother, another));
    const [ingest, api] = [await place.start("ingest"), await place.start("api")];
    return [...steps, ...(await place.checkLedger({ ingest, api }))];
  },
};

/** The same with tables, which store the fingerprint. */
export const pseudonymKeyOnDynamo: Drill = {
  row: "26",
  what: "DynamoDB: another TRINITY_PSEUDONYM_KEY, and a machine whose pseudonym.key is missing",
  async run(place) {
    const { environment } = await place.dynamo();
    const first = await place.start("ingest", environment);
    await place.send(first, 2);
    await first.stop();
    const none = { ...environment, TRINITY_PSEUDONYM_KEY: undefined };
    return [
      await rejected(place, "another key", /is another key than the data was written with/, { ...environment, ...another }),
      await rejected(place, "no key on this machine", /^pseudonym\.key: is missing, but the data was written with one/, none),
      step(
        "no key on this machine: no key is created",
        existsSync(join(place.dataDir, "pseudonym.key")) ? "one was created" : "none was created",
        !existsSync(join(place.dataDir, "pseudonym.key")),
      ),
    ];
  },
};

async function rejected(place: DrillPlace, what: string, says: RegExp, environment = {}): Promise<DrillStep> {
  const ingest = place.spawn("ingest", environment);
  const code = await ingest.ended;
  const lines = ingest.output().trim().split("\n");
  const problem = lines.findLast((line) => line.includes("key")) ?? "";
  const isClear = code === 2 && says.test(problem) && !lines.some((line) => line.startsWith("    at "));
  return step(`${what}: ends with 2 and one clear line`, `${code}: ${lines.join(" | ")}`, isClear);
}
