import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { findSet } from "@trinity/aggregation/measure-catalogue";
import { parseStoreConfig, type StoreConfig } from "@trinity/config/store-config";
import { takeStopRequests } from "@trinity/lifecycle/stop-requests";
import { tablesTemplate } from "@trinity/storage-dynamodb/tables-template";
import { storesOf } from "@trinity/stores/stores";
import { Command, InvalidArgumentError } from "commander";
import { rebuildFromLog } from "./accept-log-command.ts";
import { parseMapping } from "./csv-mapping.ts";
import { importFile } from "./import-command.ts";
import { createLoginLink } from "./login-link.ts";
import { rebuildNumbers, type Selection, setsOfMetric } from "./rebuild-command.ts";
import { simulateTraffic } from "./simulate-command.ts";
import { startAll } from "./start-command.ts";
import { createMissingTables } from "./tables-command.ts";
import { verifyNumbers } from "./verify-command.ts";

const clock = { nowMs: () => Date.now() };
const stopping = new AbortController();
takeStopRequests(process).answerWith(() => stopping.abort());

const { env } = process;
const dataDir = env.TRINITY_DATA_DIR || "./.data";
const apiUrl = `http://${env.TRINITY_HOST || "127.0.0.1"}:${env.TRINITY_API_PORT || 4000}`;
const ingestUrl = `http://${env.TRINITY_HOST || "127.0.0.1"}:${env.TRINITY_INGEST_PORT || 4318}`;

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError("must be a number above 0");
  return value;
}

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError("must be a whole number above 0");
  return value;
}

function instant(text: string): number {
  const atMs = Date.parse(text);
  if (Number.isNaN(atMs)) throw new InvalidArgumentError("must be an instant, such as 2026-11-22 or 2026-11-22T20:15:00Z");
  return atMs;
}

function oneOf(name: string, before: readonly string[] = []): readonly string[] {
  return [...before, name];
}

/** What `rebuild` was asked for. */
function selectionOf(options: { set?: readonly string[]; metric?: readonly string[]; from?: number; to?: number }): Selection {
  const { set = [], metric = [], from: fromMs, to: toMs } = options;
  for (const name of set) if (findSet(name) === undefined) program.error(`there is no dimension set ${name}`, { exitCode: 2 });
  for (const name of metric) if (setsOfMetric(name) === null) program.error(`there is no metric ${name}`, { exitCode: 2 });
  const sets = [...set, ...metric.flatMap((name) => setsOfMetric(name) ?? [])];
  return {
    ...(sets.length === 0 ? {} : { sets: new Set(sets) }),
    ...(fromMs === undefined ? {} : { fromMs }),
    ...(toMs === undefined ? {} : { toMs }),
  };
}

/** Where the data is: as the environment says, in the folder that was asked for. */
function storeConfig(folder: string): StoreConfig {
  const config = parseStoreConfig({ ...env, TRINITY_DATA_DIR: folder });
  if ("problems" in config) return program.error(config.problems.join("\n"), { exitCode: 2 });
  return config;
}

/** Commands that send present a key, from the option or the environment. */
function keyOf(given: string | undefined): string {
  const key = given ?? env.TRINITY_INGEST_KEY;
  if (key === undefined || key === "") program.error("no key: give --key or set TRINITY_INGEST_KEY", { exitCode: 2 });
  return key as string;
}

const program = new Command("trinity").description("Trinity Analytics on the command line.").showHelpAfterError().exitOverride();

program
  .command("start")
  .description("Run ingest, API and worker on this machine until stopped (npm start).")
  .action(async () => {
    const demo = (env.TRINITY_DEMO || "true") !== "false";
    process.exitCode = await startAll({
      env,
      store: storeConfig(dataDir),
      demo,
      clock,
      chance: Math.random,
      randomBytes,
      signal: stopping.signal,
    });
  });

program
  .command("import")
  .description("Send the events of a JSON Lines or CSV file (.gz too) to a running ingest process. Exits 1 when any event was rejected.")
  .argument("<file>", "the file")
  .option("--format <format>", "jsonl or csv; by the file's name where absent")
  .option(
    "--map <field=column...>",
    "CSV: which column a field comes from, such as userId=user, timestamp=ts:seconds, eventType==vote_content, properties.genres=genres:list",
  )
  .option("--url <url>", "the ingest process", ingestUrl)
  .option("--key <key>", "an API key that may send events; TRINITY_INGEST_KEY where absent")
  .option("--batch <events>", "events in a request", whole, 500)
  .option("--concurrency <requests>", "requests at once", whole, 4)
  .option("--json", "print the result as JSON", false)
  .addHelpText("after", "\nHistory older than 7 days needs an ingest process with TRINITY_MAX_EVENT_AGE=unlimited.")
  .action(async (path: string, options) => {
    const format = options.format ?? (/\.csv(\.gz)?$/.test(path) ? "csv" : "jsonl");
    if (format !== "csv" && format !== "jsonl") program.error("--format takes jsonl or csv", { exitCode: 2 });
    const [mapping, key] = [parseMapping(options.map ?? []), keyOf(options.key)];
    process.exitCode = await importFile({ ...options, path, format, mapping, key, signal: stopping.signal });
  });

program
  .command("verify")
  .description("Derive every number anew from the log and compare. Exits 1, and names the buckets, when any differs.")
  .option("--data-dir <folder>", "the data folder", dataDir)
  .option("--repair", "set what differs to what the log adds up to, under audit: the same as rebuild without a selection", false)
  .option("--json", "print the result as JSON", false)
  .action(async ({ repair, json, dataDir: folder }) => {
    const settings = { json, store: storeConfig(folder), clock, signal: stopping.signal };
    process.exitCode = await (repair === true ? rebuildNumbers({ ...settings, selection: {} }) : verifyNumbers(settings));
  });

program
  .command("rebuild")
  .description("Make buckets anew from the log, while ingest may run. Stopped half way, the same command goes on where it was.")
  .option("--set <name>", "a dimension set, such as vote/genre; may be repeated", oneOf)
  .option("--metric <name>", "every set of a metric's measure; may be repeated", oneOf)
  .option("--from <instant>", "buckets that end after this", instant)
  .option("--to <instant>", "buckets that start before this", instant)
  .option("--from-log", "count the log that is there, after it was restored or lost its end; while nothing else runs", false)
  .option("--data-dir <folder>", "the data folder", dataDir)
  .option("--json", "print the result as JSON", false)
  .addHelpText("after", "\nWithout a selection everything is made anew: entities, the index of the log and all buckets.")
  .action(async ({ json, fromLog, dataDir: folder, ...options }) => {
    const settings = { store: storeConfig(folder), json, clock, signal: stopping.signal };
    const selection = selectionOf(options);
    if (fromLog === true && Object.keys(selection).length > 0) program.error("--from-log takes no selection", { exitCode: 2 });
    process.exitCode = await (fromLog === true ? rebuildFromLog(settings) : rebuildNumbers({ ...settings, selection }));
  });

program
  .command("login")
  .description("Print a link that logs a browser in as admin: it works once, and for 15 minutes.")
  .option("--url <url>", "where the API is reached", apiUrl)
  .option("--data-dir <folder>", "the data folder", dataDir)
  .option("--json", "print the link as JSON", false)
  .action(async ({ url, dataDir: folder, json }) => {
    const store = storeConfig(folder);
    if (store.TRINITY_STORE === "sqlite" && !existsSync(folder))
      program.error("there is no data folder yet: start the product first, or name its folder with --data-dir", { exitCode: 2 });
    const link = await createLoginLink(await storesOf(store), { apiUrl: url.replace(/\/+$/, ""), clock, randomBytes });
    process.stdout.write(json ? `${JSON.stringify({ link })}\n` : `${link}\n`);
  });

const tables = program.command("tables").description("The tables of TRINITY_STORE=dynamodb.");

tables
  .command("create")
  .description("Create the tables that are missing, and wait until all can be used.")
  .action(async () => {
    process.exitCode = await createMissingTables(storeConfig(dataDir));
  });

tables
  .command("template")
  .description("Print the tables as a CloudFormation template.")
  .action(() => void process.stdout.write(`${JSON.stringify(tablesTemplate(), null, 2)}\n`));

program
  .command("simulate")
  .description("Send made-up Trinity traffic to a running ingest process.")
  .option("--seed <number>", "the same seed tells the same story", whole, 1)
  .option("--days <days>", "how many days back it begins", positive, 7)
  .option("--scale <factor>", "1 is about 1,200 people a month", positive, 1)
  .option("--live", "go on with live traffic until stopped", false)
  .option("--url <url>", "the ingest process", ingestUrl)
  .option("--key <key>", "an API key that may send events; TRINITY_INGEST_KEY where absent")
  .option("--json", "print the result as JSON", false)
  .action(async (options) => {
    process.exitCode = await simulateTraffic({ ...options, key: keyOf(options.key) }, clock, stopping.signal);
  });

try {
  await program.parseAsync();
} catch (error) {
  const { code, exitCode, message } = error as { code?: string; exitCode?: number; message: string };
  const wasCommander = code?.startsWith("commander.") ?? false;
  if (!wasCommander) process.stderr.write(`${message}\n`);
  // Asking for help is no mistake, all else that commander itself ends at is.
  process.exitCode = wasCommander && exitCode !== 0 ? 2 : (exitCode ?? 1);
}
