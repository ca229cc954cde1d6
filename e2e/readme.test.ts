import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { killTree } from "@trinity/testing/process-tree";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** Follows the README literally: `npm start` as a newcomer runs it, except for free ports and an empty data folder. */
const root = join(import.meta.dirname, "..");
const readme = readFileSync(join(root, "README.md"), "utf8");
const dataDir = mkdtempSync(join(tmpdir(), "trinity-readme-"));
const keys = { TRINITY_INGEST_KEY: randomBytes(16).toString("hex"), TRINITY_ADMIN_KEY: randomBytes(16).toString("hex") };
const ports = { TRINITY_INGEST_PORT: "0", TRINITY_INGEST_GRPC_PORT: "0", TRINITY_API_PORT: "0", TRINITY_WORKER_PORT: "0" };
const env = { ...process.env, ...keys, ...ports, TRINITY_DATA_DIR: dataDir, TRINITY_DEMO: "false", TRINITY_LOG_LEVEL: "warn" };

let product: ChildProcess;
let ingestUrl: string;
let apiUrl: string;

/** The commands of the README that contain a text, with the ports of this run. */
function command(text: string): string {
  const blocks = [...readme.matchAll(/```bash\n([\s\S]*?)```/g)].map(([, block]) => block as string);
  const found = blocks.find((block) => block.includes(text));
  if (found === undefined) throw new Error(`the README has no command with ${text}`);
  return found.replaceAll("http://127.0.0.1:4318", ingestUrl).replaceAll("http://127.0.0.1:4000", apiUrl);
}

async function run(script: string): Promise<string> {
  const { stdout } = await promisify(execFile)("bash", ["-c", script], {
    cwd: root,
    env: { ...env, TRINITY_INGEST_PORT: new URL(ingestUrl).port },
  });
  return stdout;
}

beforeAll(async () => {
  product = spawn("npm", ["start"], { cwd: root, env, stdio: ["ignore", "pipe", "inherit"] });
  const ready = await new Promise<string>((resolve, reject) => {
    let text = "";
    product.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      const line = /^ready .*\n/m.exec(text);
      if (line !== null) resolve(line[0]);
    });
    product.once("exit", (code) => reject(new Error(`npm start ended with ${code}: ${text}`)));
  });
  [apiUrl = "", ingestUrl = ""] = [...ready.matchAll(/http:\/\/[\d.:]+/g)].map(([url]) => url);
});

afterAll(async () => {
  await killTree(product);
  rmSync(dataDir, { recursive: true, force: true });
});

describe("the README", () => {
  test("its event is accepted, and a duplicate the second time", async () => {
    expect(JSON.parse(await run(command("/v1/events")))).toMatchObject({ accepted: 1, duplicates: 0, rejected: [] });
    expect(JSON.parse(await run(command("/v1/events")))).toMatchObject({ accepted: 0, duplicates: 1, rejected: [] });
  });

  test("its question is answered", async () => {
    const answer = JSON.parse(await run(command("/api/v1/metrics/positive_rate"))) as { metric: string; series: unknown[] };
    expect(answer.metric).toBe("positive_rate");
  });

  test("its further questions are answered, each in its format", async () => {
    const answers = (await run(command("explore/events"))).trim().split("\n");
    const csv = answers.filter((line) => !line.startsWith("{"));
    expect(csv[0]).toMatch(/^start,value/);
    const json = answers.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(json.map((answer) => ["previous", "rows", "cohorts", "curves", "buckets"].filter((field) => field in answer))).toEqual([
      ["previous"],
      ["rows"],
      ["cohorts"],
      ["curves"],
      ["buckets"],
    ]);
  });

  test("its commands import, simulate, verify and rebuild", async () => {
    const lines = Array.from({ length: 700 }, (_, i) =>
      JSON.stringify({
        eventId: `line-${i}`,
        eventType: "user_login",
        timestamp: Date.now(),
        userId: `u${i}`,
        properties: { method: "email" },
      }),
    );
    writeFileSync(join(dataDir, "logins.jsonl"), lines.join("\n"));
    expect(await run(`npm run -s trinity -- import ${dataDir}/logins.jsonl --json`)).toContain('"accepted":700');
    expect(await run("npm run -s trinity -- simulate --days 1 --seed 1 --json")).toMatch(
      /"accepted":[1-9]\d*,"duplicates":\d+,"rejected":0/,
    );
    const asked = await fetch(`${apiUrl}/api/v1/metrics/events?from=2020-01-01&to=2100-01-01&granularity=total&fresh=true`, {
      headers: { "x-api-key": keys.TRINITY_ADMIN_KEY },
    });
    expect(asked.status).toBe(200);
    expect(await run("npm run -s trinity -- verify")).toContain("0 differ");
    expect(await run("npm run -s trinity -- rebuild --metric votes")).toContain("0 parts set");
  }, 60_000);

  test("its page is served", async () => {
    const page = await fetch(apiUrl);
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
  });

  test("the product stops within ten seconds of SIGTERM with exit code 0", async () => {
    const ended = new Promise<number | null>((resolve) => product.once("exit", resolve));
    const askedAtMs = performance.now();
    product.kill("SIGTERM");
    expect(await ended).toBe(0);
    expect(performance.now() - askedAtMs).toBeLessThan(10_000);
  });
});
