import { randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import { parseListenerConfig } from "@trinity/config/listener-config";
import type { ConfigProblems } from "@trinity/config/parse-environment";
import { parseStoreConfig, type StoreConfig } from "@trinity/config/store-config";
import { takeStopRequests } from "@trinity/lifecycle/stop-requests";
import type { Result } from "@trinity/runtime/result";
import { timerSleep } from "@trinity/runtime/sleep";
import { tablesTemplate } from "@trinity/storage-dynamodb/tables-template";
import { type Stores, storesOf } from "@trinity/store-factory/stores";
import { Command, InvalidArgumentError } from "commander";
import { parseMapping } from "./csv-mapping.ts";
import { eventsMaxInRequest } from "./event-sender.ts";
import { requireKnownCommand } from "./known-command.ts";
import { createLoginLink } from "./login-link.ts";
import { createMissingTables } from "./tables-command.ts";

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

function upTo(most: number): (text: string) => number {
  return (text) => {
    const value = whole(text);
    if (value > most) throw new InvalidArgumentError(`must be ${most} at most`);
    return value;
  };
}

function instant(text: string): number {
  const atMs = Date.parse(text);
  if (Number.isNaN(atMs)) throw new InvalidArgumentError("must be an instant, such as 2026-11-22 or 2026-11-22T20:15:00Z");
  return atMs;
}

function httpUrl(text: string): string {
  if (!/^https?:$/.test(URL.parse(text)?.protocol ?? ""))
    throw new InvalidArgumentError("must be an http or https URL, such as http://127.0.0.1:4318");
  return text;
}

function oneOf(name: string, before: readonly string[] = []): readonly string[] {
  return [...before, name];
}

function calledWrongly(message: string): never {
  return program.error(message, { exitCode: 2 });
}

/** @returns the configuration of the environment; a problem there ends the command */
function configured<Config>(config: Result<Config, ConfigProblems>): Config {
  return config.ok ? config.value : calledWrongly(config.error.join("\n"));
}

/** The store: as the environment configures it, in the folder of the option. */
function storeConfig(folder = dataDir): StoreConfig {
  const config = configured(parseStoreConfig({ ...env, TRINITY_DATA_DIR: folder }));
  if (config.TRINITY_STORE === "sqlite" && isNoFolder(config.TRINITY_DATA_DIR))
    calledWrongly(`the data folder ${config.TRINITY_DATA_DIR} is a file: name a folder with TRINITY_DATA_DIR or --data-dir`);
  return config;
}

/** Whether a path exists and is no folder. A path that cannot be inspected is reported when it is opened. */
function isNoFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === false;
  } catch {
    return false;
  }
}

/** The store, for commands that never create one: a folder without data is a misspelt one. */
async function storeWithData(folder: string): Promise<StoreConfig> {
  const config = storeConfig(folder);
  const stores: Stores = await storesOf(config);
  if (!stores.isShared && !stores.hasData())
    calledWrongly(`there is no data in ${folder}: start the product first (npm start), or name the folder of its data with --data-dir`);
  return config;
}

/** Commands that send present a key, from the option or the environment. */
function keyOf(given: string | undefined): string {
  const key = given ?? env.TRINITY_INGEST_KEY;
  if (key === undefined || key === "") calledWrongly("no key: give --key or set TRINITY_INGEST_KEY, which the first npm start prints");
  return key;
}

/** Of commands that work on the data itself. */
function withData(command: Command): Command {
  return command.option("--data-dir <folder>", "the data folder", dataDir).option("--json", "print the result as JSON", false);
}

/** Validates a default like an option: commander does not, and it comes from variables. */
function requireUrl(command: Command, portVariable: string): void {
  const { url } = command.opts();
  if (!URL.canParse(url)) calledWrongly(`TRINITY_HOST or ${portVariable}: ${url} is no URL; set them right, or give --url`);
}

/** Of commands that send events. */
function withIngest(command: Command): Command {
  return command
    .option("--url <url>", "the ingest process", httpUrl, ingestUrl)
    .hook("preAction", (called) => requireUrl(called, "TRINITY_INGEST_PORT"))
    .option("--key <key>", "an API key that may send events; TRINITY_INGEST_KEY where absent")
    .option("--json", "print the result as JSON", false);
}

// An action loads its own code: all of it takes longer than most commands, and than a refusal.
const program = new Command("trinity")
  .description("Trinity Analytics on the command line.")
  .showHelpAfterError("(--help says what a command takes)")
  .exitOverride();

program
  .command("start")
  .description("Run ingest, API and worker on this machine until stopped (npm start).")
  .action(async () => {
    const { startAll } = await import("./start-command.ts");
    const demo = (env.TRINITY_DEMO || "true") !== "false";
    process.exitCode = await startAll({
      env,
      store: storeConfig(),
      listeners: configured(parseListenerConfig(env)),
      demo,
      clock,
      sleep: timerSleep,
      random: Math.random,
      randomBytes,
      signal: stopping.signal,
    });
  });

withIngest(program.command("import"))
  .description(
    "Send the events of a JSON Lines or CSV file (gzip or zstd too) to a running ingest process. Exits 1 when any event was rejected.",
  )
  .argument("<file>", "the file, in UTF-8")
  .option("--format <format>", "jsonl or csv; by the file's name where absent")
  .option(
    "--map <field=column...>",
    "CSV: which column a field comes from, such as userId=user, timestamp=ts:seconds, eventType==vote_content, properties.genres=genres:list",
  )
  .option("--batch <events>", "events in a request", upTo(eventsMaxInRequest), 500)
  .option("--concurrency <requests>", "requests at once", whole, 4)
  .addHelpText("after", "\nHistory older than 7 days needs an ingest process with TRINITY_MAX_EVENT_AGE=unlimited.")
  .action(async (path: string, options) => {
    const format = options.format ?? (/\.csv(\.\w+)?$/.test(path) ? "csv" : "jsonl");
    if (format !== "csv" && format !== "jsonl") calledWrongly("--format takes jsonl or csv");
    const [mapping, key] = [parseMapping(options.map ?? []), keyOf(options.key)];
    if (format === "csv" && mapping.size === 0)
      calledWrongly("a CSV file needs --map: which column each field comes from, such as userId=user");
    const { importFile } = await import("./import-command.ts");
    process.exitCode = await importFile({
      ...options,
      path,
      format,
      mapping,
      key,
      sleep: timerSleep,
      random: Math.random,
      signal: stopping.signal,
    });
  });

withData(program.command("verify"))
  .description("Derive every number anew from the log and compare. Exits 1, and names the buckets, when any differs.")
  .option("--repair", "set rows that differ to their values from the log, under audit: the same as rebuild without a selection", false)
  .action(async ({ repair, json, dataDir: folder }) => {
    const settings = { json, store: await storeWithData(folder), clock, sleep: timerSleep, signal: stopping.signal };
    process.exitCode = await (repair === true
      ? (await import("./rebuild-command.ts")).rebuildNumbers({ ...settings, selection: {} })
      : (await import("./verify-command.ts")).verifyNumbers(settings));
  });

withData(program.command("rebuild"))
  .description("Rebuild buckets from the log, while ingest may run. If it is stopped, the same command continues.")
  .option("--set <name>", "a dimension set, such as vote/genre; may be repeated", oneOf)
  .option("--metric <name>", "every set of a metric's measure; may be repeated", oneOf)
  .option("--from <instant>", "buckets that end after this", instant)
  .option("--to <instant>", "buckets that start before this", instant)
  .option("--from-log", "accept the existing log, after it was restored or lost its end; while nothing else runs", false)
  .addHelpText("after", "\nWithout a selection everything is made anew: entities, the index of the log and all buckets.")
  .action(async ({ json, fromLog, dataDir: folder, ...options }) => {
    const { parseSelection } = await import("./selection.ts");
    const parsed = parseSelection(options);
    const selection = parsed.ok ? parsed.value : calledWrongly(parsed.error);
    if (fromLog === true && Object.keys(selection).length > 0) calledWrongly("--from-log takes no selection");
    const settings = { store: await storeWithData(folder), json, clock, sleep: timerSleep, signal: stopping.signal };
    process.exitCode = await (fromLog === true
      ? (await import("./accept-log-command.ts")).rebuildFromLog(settings)
      : (await import("./rebuild-command.ts")).rebuildNumbers({ ...settings, selection }));
  });

withData(program.command("login"))
  .description("Print a link that logs a browser in as admin: it works once, and for 15 minutes.")
  .option("--url <url>", "where the API is reached", httpUrl, apiUrl)
  .hook("preAction", (called) => requireUrl(called, "TRINITY_API_PORT"))
  .action(async ({ url, dataDir: folder, json }) => {
    const stores = await storesOf(await storeWithData(folder));
    const link = await createLoginLink(stores, { apiUrl: url.replace(/\/+$/, ""), clock, randomBytes });
    process.stdout.write(json ? `${JSON.stringify({ link })}\n` : `${link}\n`);
  });

const tables = program.command("tables").description("The tables of TRINITY_STORE=dynamodb.");

tables
  .command("create")
  .description("Create the tables that are missing, and wait until all can be used.")
  .action(async () => {
    process.exitCode = await createMissingTables(storeConfig(), timerSleep);
  });

tables
  .command("template")
  .description("Print the tables as a CloudFormation template.")
  .action(() => void process.stdout.write(`${JSON.stringify(tablesTemplate(), null, 2)}\n`));

withIngest(program.command("simulate"))
  .description("Send made-up Trinity traffic to a running ingest process.")
  .option("--seed <number>", "the same seed makes the same traffic", whole, 1)
  .option("--days <days>", "how many days back it begins", positive, 7)
  .option("--scale <factor>", "1 is about 1,200 people a month", positive, 1)
  .option("--live", "go on with live traffic until stopped", false)
  .action(async (options) => {
    const { simulateTraffic } = await import("./simulate-command.ts");
    process.exitCode = await simulateTraffic(
      { ...options, key: keyOf(options.key) },
      { clock, sleep: timerSleep, random: Math.random, signal: stopping.signal },
    );
  });

try {
  requireKnownCommand(program, process.argv.slice(2));
  await program.parseAsync();
} catch (error) {
  const { code, exitCode } = error as { code?: string; exitCode?: number };
  const wasCommander = code?.startsWith("commander.") ?? false;
  if (!wasCommander) process.stderr.write(`${messageOf(error)}\n`);
  // `--help` is no error; every other end by commander is.
  process.exitCode = wasCommander && exitCode !== 0 ? 2 : (exitCode ?? 1);
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  if (error.name === "CredentialsProviderError")
    return "no AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; for DynamoDB Local set DYNAMODB_ENDPOINT instead";
  if (code === "ECONNREFUSED" || code === "ENOTFOUND")
    return `DynamoDB does not answer (${error.message}): check DYNAMODB_ENDPOINT, and that it runs (npm run dynamodb-local)`;
  return error.message;
}
