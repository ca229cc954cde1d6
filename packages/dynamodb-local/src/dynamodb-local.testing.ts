import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { createServer } from "node:net";
import { delimiter, join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { emulatorFolder, isEmulatorIn } from "./install-emulator.testing.ts";

type Environment = {
  readonly CI?: string | undefined;
  readonly PATH?: string | undefined;
  readonly XDG_CACHE_HOME?: string | undefined;
};

/** Amazon's DynamoDB in a process of its own, with nothing in it. Any region and any credentials see the same tables. */
export type DynamoDbLocal = {
  /** Such as `http://127.0.0.1:41234`. */
  readonly endpoint: string;
  /** Kills the process; what it held is gone. */
  stop(): Promise<void>;
};

const readyWithinMs = 60_000;

/**
 * Runs Java, and kills it once the standard input ends: the operating system ends it however the process that started this one dies.
 * The subshell's input is named, because a shell gives what it runs in the background an empty one.
 */
const untilInputEnds = 'exec 3<&0; java "$@" 3<&- & jvm=$!; (cat >/dev/null; kill -KILL "$jvm") <&3 2>/dev/null & wait "$jvm"';

/**
 * Whether DynamoDB Local can be started, for `describe.skipIf(!hasDynamoDbLocal(process.env))`.
 * A developer may lack it: the tests are skipped, and the end of the run says why. CI may not.
 * @throws {Error} under CI, when Java or the emulator is missing
 */
export function hasDynamoDbLocal(environment: Environment): boolean {
  const missing = missingOf(environment);
  if (missing === null) return true;
  if (environment.CI) throw new Error(missing);
  console.warn(`skipped: ${missing}`);
  return false;
}

/** Whether there is a Java to run it, which nothing but the machine's packages brings. */
export function hasJava({ PATH = "" }: Environment): boolean {
  return isOnPath("java", PATH);
}

function missingOf(environment: Environment): string | null {
  if (!hasJava(environment)) return "java is not installed, which DynamoDB Local runs on: scripts/install-peers.sh";
  return isEmulatorIn(emulatorFolder(environment)) ? null : "DynamoDB Local is not in the cache folder: scripts/install-peers.sh";
}

/**
 * Starts an empty DynamoDB. It dies with this process, however that ends.
 * @param givenPort a free one where absent
 * @returns once it answers
 * @throws {Error} when it ends or stays silent instead
 */
export async function startDynamoDbLocal(environment: Environment = process.env, givenPort?: number): Promise<DynamoDbLocal> {
  const port = givenPort ?? (await freePort());
  // Compiled and collected the cheap way: it lives for minutes at most, on cores that tests need.
  const emulator = [
    "-Xmx768m",
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "-Djava.library.path=DynamoDBLocal_lib",
    "-jar",
    "DynamoDBLocal.jar",
  ];
  const child = spawn("sh", ["-c", untilInputEnds, "sh", ...emulator, "-inMemory", "-sharedDb", "-disableTelemetry", "-port", `${port}`], {
    cwd: emulatorFolder(environment),
    stdio: ["pipe", "ignore", "ignore"],
  });
  const exited = once(child, "exit");
  const stop = async () => {
    child.stdin.destroy();
    await exited;
  };
  const endpoint = `http://127.0.0.1:${port}`;
  try {
    await untilItAnswers(child, endpoint);
  } catch (error) {
    await stop();
    throw error;
  }
  return { endpoint, stop };
}

async function untilItAnswers(child: ChildProcess, endpoint: string): Promise<void> {
  for (let waitedMs = 0; waitedMs < readyWithinMs; waitedMs += 50) {
    if (child.exitCode !== null) throw new Error(`DynamoDB Local ended with ${child.exitCode} before it answered`);
    if (await answers(endpoint)) return;
    await after(50);
  }
  throw new Error(`DynamoDB Local did not answer within ${readyWithinMs} ms`);
}

async function answers(endpoint: string): Promise<boolean> {
  const headers = {
    "content-type": "application/x-amz-json-1.0",
    "x-amz-target": "DynamoDB_20120810.ListTables",
    // It looks at no signature, but wants one.
    authorization: "AWS4-HMAC-SHA256 Credential=local/20200101/eu-west-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0",
  };
  return fetch(endpoint, { method: "POST", headers, body: "{}", signal: AbortSignal.timeout(5_000) }).then(
    async (answer) => (await answer.text()).includes("TableNames"),
    () => false,
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("a server on a port has an address");
  return address.port;
}

function isOnPath(command: string, path: string): boolean {
  return path.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
