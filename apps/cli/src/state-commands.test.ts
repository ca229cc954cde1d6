import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { foldNext } from "@trinity/storage/fold-log";
import { batchOf, newEvent, noonMs } from "@trinity/storage/store-examples";
import { openSqliteStore } from "@trinity/storage-sqlite/sqlite-event-store";
import { openSqliteShadowState } from "@trinity/storage-sqlite/sqlite-shadow-state";
import { verifyStore } from "@trinity/verification/verify-store";
import Sqlite from "better-sqlite3";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";

// Each command is a process of its own.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const chunks = 12;
let folder: string;
/** A copy of the same data for each test. */
let dataDir: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "trinity-cli-"));
  const store = openSqliteStore({ dataDir: join(folder, "filled"), mode: "readwrite" });
  for (let chunk = 0; chunk < chunks; chunk++) {
    const events = Array.from({ length: 400 }, (_, i) =>
      newEvent(`${chunk}-${i}`, { timestampMs: noonMs + chunk * 3_600_000 + i * 1_000 }),
    );
    await store.append(batchOf(events));
    await foldNext(store, noonMs);
  }
  await store.close();
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(async () => {
  dataDir = await mkdtemp(join(folder, "copy-"));
  await cp(join(folder, "filled"), dataDir, { recursive: true });
});

type Variables = Readonly<Record<string, string>>;

function start(args: readonly string[], variables: Variables = {}): { process: ChildProcess; output: { out: string; err: string } } {
  const output = { out: "", err: "" };
  const env = { PATH: process.env["PATH"], TRINITY_DATA_DIR: dataDir, AWS_EC2_METADATA_DISABLED: "true", ...variables };
  const started = spawn(process.execPath, [join(import.meta.dirname, "main.ts"), ...args], { env });
  started.stdout.on("data", (text) => (output.out += text));
  started.stderr.on("data", (text) => (output.err += text));
  return { process: started, output };
}

async function run(...args: readonly (string | Variables)[]): Promise<{ code: number; out: string; err: string }> {
  const { process: started, output } = start(
    args.filter((arg) => typeof arg === "string"),
    args.find((arg) => typeof arg !== "string"),
  );
  const [code] = await once(started, "close");
  return { code, ...output };
}

function alterState(sql: string): void {
  const state = new Sqlite(join(dataDir, "state.db"));
  state.exec(sql);
  state.close();
}

const setId = (set: string) => `(SELECT id FROM cell_set WHERE name = '${set}')`;
const damageVotes = `UPDATE cell SET vector = x'0063' WHERE set_id = ${setId("vote")} AND tier = 2`;
const damageEvents = `UPDATE cell SET vector = x'0063' WHERE set_id = ${setId("event")} AND tier = 1 AND bucket_ms = ${noonMs}`;

async function differing(): Promise<number> {
  const store = openSqliteStore({ dataDir, mode: "readonly" });
  return (await verifyStore(store).finally(() => store.close())).differing;
}

test("verify exits 0 if nothing differs, else 1 with the name of the bucket, and changes nothing", async () => {
  const right = await run("verify");
  expect([right.code, right.err]).toEqual([0, ""]);
  expect(right.out).toMatch(
    /derived from 12 commits of the log: 0 differ\n\d+ cells derived by SQL: 0 buckets differ\n\d+ buckets have a status: 0 verified, \d+ pending/,
  );
  alterState(damageEvents);
  const wrong = await run("verify", "--json");
  expect(wrong.code).toBe(1);
  const bucket = `event hour ${new Date(noonMs).toISOString()} ""`;
  expect(JSON.parse(wrong.out)).toMatchObject({ differing: 1, differences: [{ name: bucket, stored: "[[0,-50]]", derived: "[[0,400]]" }] });
  expect(JSON.parse(wrong.out).bySql.differing).toEqual([{ set: "event", tier: "hour", bucketMs: noonMs }]);
  expect(await differing()).toBe(1);
  expect(await readdir(dataDir)).not.toContainEqual(expect.stringMatching(/^verify/));
});

test("verify --repair repairs differences, and exits 0 once nothing differs", async () => {
  alterState(damageEvents);
  const { code, out } = await run("verify", "--repair");
  expect(code).toBe(0);
  expect(out).toMatch(/^1 parts set to what the log adds up to\n.*: 0 differ\n.* 1 repaired, /);
  expect(await differing()).toBe(0);
});

test("rebuild of a metric, a set or an interval changes nothing else; a full rebuild corrects everything", async () => {
  alterState(`${damageVotes}; ${damageEvents}`);
  const { repaired, differing: left } = JSON.parse((await run("rebuild", "--metric", "votes", "--json")).out);
  expect([repaired, left]).toEqual([1, 1]);
  const elsewhere = await run("rebuild", "--set", "event", "--from", "2027-01-01", "--json");
  expect([elsewhere.code, JSON.parse(elsewhere.out).repaired]).toEqual([0, 0]);
  expect(JSON.parse((await run("rebuild", "--json")).out)).toMatchObject({ repaired: 1, differing: 0 });
  expect(await differing()).toBe(0);
});

test("a rebuild that is killed continues", async () => {
  alterState(`${damageVotes}; DELETE FROM cell WHERE tier = 1; DELETE FROM entity`);
  const first = start(["rebuild"]);
  await vi.waitFor(() => expect(freshSeq()).toBeGreaterThan(2), { timeout: 60_000, interval: 5 });
  first.process.kill("SIGKILL");
  await once(first.process, "close");
  expect(freshSeq()).toBeLessThan(chunks);
  const { code, out } = await run("rebuild", "--json");
  expect([code, JSON.parse(out).differing]).toEqual([0, 0]);
  expect(await differing()).toBe(0);
});

/** The last chunk that a rebuild has folded. */
function freshSeq(): number {
  const path = globSync(join(dataDir, "verify", "*", "fresh", "state.db"))[0];
  if (path === undefined) return 0;
  const fresh = new Sqlite(path, { readonly: true, fileMustExist: true });
  try {
    return fresh.prepare<[], number>("SELECT seq FROM mark").pluck().get() as number;
  } finally {
    fresh.close();
  }
}

test("a usage error exits 2 with its reason", async () => {
  const wrong = [
    ["--set", "no/such"],
    ["--metric", "nothing"],
    ["--from", "yesterday"],
  ];
  for (const args of wrong) {
    const { code, err } = await run("rebuild", ...args);
    expect([code, err]).toEqual([2, expect.stringContaining(args[1] as string)]);
  }
  expect((await run("rebuild", "--help")).out).toContain("Without a selection everything is made anew");
});

test.each(["verify", "rebuild", "login"])("%s refuses a folder without data, says what to do, and makes nothing in it", async (command) => {
  const none = join(dataDir, "none");
  for (const folder of [none, await mkdtemp(join(dataDir, "empty-"))]) {
    const { code, out, err } = await run(command, "--data-dir", folder);
    expect([code, out, err]).toEqual([2, "", expect.stringMatching(/^there is no data in .*: start the product first .*--data-dir\n/)]);
    expect(existsSync(folder) ? await readdir(folder) : []).toEqual([]);
  }
});

test.each([
  ["verify", "state.db"],
  ["login", "operations.db"],
  ["rebuild", "verifier.lock"],
  ["rebuild --from-log", "start.lock"],
  ["rebuild --from-log", "log-writer.lock"],
  ["start", "start.lock"],
  ["start", "log-writer.lock"],
])("%s over a %s that cannot be opened names it and what to do, and ends", async (command, name) => {
  await rm(join(dataDir, name), { force: true });
  await mkdir(join(dataDir, name), { mode: 0o700 });
  const ports = { TRINITY_INGEST_PORT: "0", TRINITY_INGEST_GRPC_PORT: "0", TRINITY_API_PORT: "0", TRINITY_WORKER_PORT: "0" };
  const { code, err } = await run(...command.split(" "), ports);
  expect([code, err]).toEqual([
    1,
    expect.stringMatching(new RegExp(`^(TRINITY_DATA_DIR: )?${name} is a folder, not a file \\(EISDIR\\); move it away`)),
  ]);
});

test("a file in place of the data folder, an invalid address and one port for two listeners are refused at once, by name", async () => {
  const file = join(dataDir, "file");
  await writeFile(file, "");
  for (const command of ["verify", "rebuild", "login", "start"]) {
    const { code, err } = await run(command, { TRINITY_DATA_DIR: file });
    expect([code, err]).toEqual([
      2,
      expect.stringContaining(`the data folder ${file} is a file: name a folder with TRINITY_DATA_DIR or --data-dir\n`),
    ]);
  }
  const address = /option '--url <url>' argument .* is invalid. must be an http or https URL, such as http:/;
  for (const args of [
    ["import", file, "--url", "nonsense"],
    ["import", file, "--url", "localhost:4318"],
    ["simulate", "--url", "ftp://127.0.0.1"],
    ["login", "--url", "nonsense"],
  ]) {
    const { code, err } = await run(...args);
    expect([code, err]).toEqual([2, expect.stringMatching(address)]);
  }
  const { code, err } = await run("start", { TRINITY_INGEST_PORT: "5000", TRINITY_API_PORT: "5000" });
  expect([code, err]).toEqual([
    2,
    expect.stringContaining("TRINITY_API_PORT: is 5000, as TRINITY_INGEST_PORT is: set another port for one of them\n"),
  ]);
  const unset = await run("import", file, "--key", "k", { TRINITY_INGEST_PORT: "abc" });
  expect([unset.code, unset.err]).toEqual([2, expect.stringContaining("TRINITY_INGEST_PORT: http://127.0.0.1:abc is no URL")]);
});

test("an unknown command is refused by name, also with --help", async () => {
  for (const args of [["nonsense"], ["nonsense", "--help"], ["help", "nonsense"], ["tables", "nonsense", "--help"]]) {
    const { code, out, err } = await run(...args);
    expect([code, out, err]).toEqual([2, "", expect.stringMatching(/^error: there is no command nonsense; there are .*\n/)]);
  }
  for (const args of [["--help"], ["help"], ["help", "import"], ["tables", "--help"], ["tables", "help", "create"]])
    expect((await run(...args)).code).toBe(0);
});

test("without credentials or an endpoint, tables name the missing variables", async () => {
  const { code, err } = await run("tables", "create");
  expect([code, err]).toEqual([1, expect.stringMatching(/^no AWS credentials: set AWS_PROFILE, .*DYNAMODB_ENDPOINT instead\n$/)]);
});

test("if the endpoint does not answer, tables name the variable to check", async () => {
  const { code, err } = await run("tables", "create", { DYNAMODB_ENDPOINT: "http://127.0.0.1:1" });
  expect([code, err]).toEqual([1, expect.stringMatching(/^DynamoDB does not answer \(.*\): check DYNAMODB_ENDPOINT, .*\n$/)]);
});

test("a rebuild waits while another process verifies", async () => {
  const shadowState = openSqliteShadowState(dataDir);
  const waiting = start(["rebuild"]);
  await vi.waitFor(() => expect(waiting.output.err).toContain("waiting"), { timeout: 60_000 });
  await shadowState.close();
  expect((await once(waiting.process, "close"))[0]).toBe(0);
});
