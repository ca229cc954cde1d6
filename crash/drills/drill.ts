import type { FaultProxy } from "@trinity/dynamodb-local/fault-proxy";
import type { Answer, HttpClient } from "@trinity/testing/http-client";
import type { Ledger } from "../ledger.ts";

/**
 * One kind of damage to real processes. A row may have several drills.
 * The registry is `all-drills.ts`; every drill is a file of this folder that exports one constant.
 */
export type Drill = {
  /** The row of the table in `crash/README.md`, such as "24". */
  readonly row: string;
  /** The damage, such as "the disk is full for 20 s". A drill on DynamoDB starts with "DynamoDB: ". */
  readonly what: string;
  /**
   * Runs the drill in a separate place, and returns what was expected and seen. Processes that still run are killed afterwards.
   * @throws {SkippedDrill} if this machine does not allow it
   */
  readonly run: (place: DrillPlace) => Promise<readonly DrillStep[]>;
};

/** One expectation. */
export type DrillStep = { readonly expected: string; readonly seen: string; readonly passed: boolean };

/** @param passed needed if `seen` is more detailed than `expected`; without it both must be equal */
export function step(expected: string, seen: string | number, passed: boolean = expected === `${seen}`): DrillStep {
  return { expected, seen: `${seen}`, passed };
}

/** The drill cannot run on this machine; the message is the reason that is shown. */
export class SkippedDrill extends Error {}

export type Environment = Readonly<Record<string, string | undefined>>;
/** `start` is `npm start`: the parent of ingest, API and worker. */
export type DrilledApp = "ingest" | "api" | "worker" | "start";

/** A folder with the means to run the product in it and to damage it. */
export type DrillPlace = {
  /** Empty, of mode 0700, on a separate file system of a few MiB. */
  readonly dataDir: string;
  /** For every process: `dataDir`, keys, free ports, no maximum age of events. */
  readonly environment: Environment;
  /** All events that `send` and `sendOnce` sent, with their acknowledgements. */
  readonly ledger: Ledger;
  readonly disk: SmallDisk;
  /** Starts a process without waiting for it. @param environment variables besides those of the place */
  spawn(app: DrilledApp, environment?: Environment): DrillProcess;
  /** Starts a process and waits for its `ready` line. @throws {Error} if it ends before */
  start(app: DrilledApp, environment?: Environment): Promise<DrillProcess>;
  /** Sends new batches of 20 events one after the other, each until it is acknowledged. @throws {Error} if one is not within 60 s */
  send(ingest: DrillProcess, batches: number): Promise<void>;
  /** Sends one new batch of 20 events, or the given one again. @returns the answer; null without one */
  sendOnce(ingest: DrillProcess, again?: readonly object[]): Promise<(Answer & { readonly batch: readonly object[] }) | null>;
  /** Checks every 100 ms. @returns the milliseconds until it was true; null if it was not in time */
  until(condition: () => boolean | Promise<boolean>, withinMs: number): Promise<number | null>;
  /** Asks the API for fresh totals, and the ingest process for every acknowledged event. @returns steps that compare them with the ledger */
  checkLedger(processes: { readonly ingest: DrillProcess; readonly api: DrillProcess }): Promise<readonly DrillStep[]>;
  /** DynamoDB Local behind a proxy that can fail, with tables, for this drill only. @throws {SkippedDrill} without Java */
  dynamo(): Promise<DrillDynamo>;
};

/** A process of the product. */
export type DrillProcess = {
  readonly app: DrilledApp;
  readonly pid: number;
  /** @returns its `ready` line: URLs by app. @throws {Error} if it ends before or is not ready in time; then it is killed */
  ready(withinMs?: number): Promise<Readonly<Record<string, string>>>;
  /** Sends the admin key, or to an ingest process the ingest key. Only after `ready`. */
  readonly client: HttpClient;
  /** Its output so far, both streams. */
  output(): string;
  /** Its exit code, when it has ended; null if a signal ended it. */
  readonly ended: Promise<number | null>;
  isRunning(): boolean;
  /** Asks `/readyz`. @returns status 0 and no checks without an answer */
  readiness(): Promise<Readiness>;
  /** An API: the total of a metric over all time with `fresh=true`. @returns the status if it is not 200, such as "503" */
  total(metric: string): Promise<number | string>;
  /** SIGTERM. @returns its exit code; null if it had to be killed */
  stop(): Promise<number | null>;
  /** SIGKILL, and waits for its end. */
  kill(): Promise<void>;
};

export type Readiness = {
  readonly status: number;
  readonly checks: Readonly<Record<string, { readonly ok: boolean; readonly reason?: string; readonly detail?: string }>>;
};

/** The file system of a drill. */
export type SmallDisk = {
  /** Fills the disk. @returns a function that frees the space */
  fill(): () => void;
  /** Makes it read-only, or writable again. @throws {Error} while a process has a file open for writing */
  remount(access: "ro" | "rw"): void;
};

export type DrillDynamo = {
  /** For `start`: the store is DynamoDB, behind the proxy. */
  readonly environment: Environment;
  /** Without the proxy, for tools that damage tables. */
  readonly direct: { readonly endpoint: string; readonly region: string; readonly tablePrefix: string };
  readonly proxy: FaultProxy;
};
