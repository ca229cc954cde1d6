import { createServer, type Server } from "node:net";
import type { ListenerConfig } from "@trinity/config/listener-config";
import type { Clock } from "@trinity/runtime/clock";
import { type Sleep, sleepUnlessAborted } from "@trinity/runtime/sleep";
import { StoreTakenError } from "@trinity/storage/event-store";

/** Why `npm start` cannot begin: the message names each variable, its problem and the remedy. */
export class CannotStartError extends Error {
  override readonly name = "CannotStartError";
  /** Whether waiting may help: a process of an earlier start may still be ending. */
  readonly mayPass: boolean;

  constructor(message: string, mayPass: boolean, options?: ErrorOptions) {
    super(message, options);
    this.mayPass = mayPass;
  }
}

export type StartClaim = { release(): void };

export type ClaimSettings = {
  readonly claimData: () => StartClaim;
  readonly listeners: ListenerConfig;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
};

const againAfterMs = 250;
/** Longer than processes take to end once their parent is gone. */
const withinMs = 12_000;

/**
 * Locks the data folder and checks that the ports are free, before anything is changed. Waits for processes of an earlier start.
 * @returns `null` when the signal aborts
 * @throws {CannotStartError}
 */
export async function claimStart({ claimData, listeners, clock, sleep, say, signal }: ClaimSettings): Promise<StartClaim | null> {
  const untilMs = clock.nowMs() + withinMs;
  for (let waited = false; !signal.aborted; waited = true) {
    try {
      return await claimOnce(claimData, listeners);
    } catch (error) {
      if (!(error instanceof CannotStartError) || !error.mayPass || clock.nowMs() >= untilMs) throw error;
      if (!waited) say(`waiting up to ${withinMs / 1_000} s: ${error.message}`);
      await sleepUnlessAborted(sleep, againAfterMs, signal);
    }
  }
  return null;
}

async function claimOnce(claimData: () => StartClaim, listeners: ListenerConfig): Promise<StartClaim> {
  const claim = takeData(claimData);
  try {
    await requireFreePorts(listeners);
    return claim;
  } catch (error) {
    claim.release();
    throw error;
  }
}

function takeData(claimData: () => StartClaim): StartClaim {
  try {
    return claimData();
  } catch (error) {
    const { message } = error as Error;
    if (!(error instanceof StoreTakenError)) throw new CannotStartError(`TRINITY_DATA_DIR: ${message}`, false, { cause: error });
    throw new CannotStartError(`TRINITY_DATA_DIR: ${message}. Stop it, or name another folder`, true, { cause: error });
  }
}

/** Listens on all ports at once and closes them again. @throws {CannotStartError} with a line for each port that is not free */
async function requireFreePorts({ TRINITY_HOST: host, ...ports }: ListenerConfig): Promise<void> {
  const servers: Server[] = [];
  const problems: PortProblem[] = [];
  for (const [variable, port] of Object.entries(ports)) {
    const server = createServer();
    const error = await listenError(server, host, port);
    if (error === null) servers.push(server);
    else problems.push(portProblem(variable, host, port, error));
  }
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  if (problems.length === 0) return;
  const lines = new Set(problems.map(({ line }) => line));
  throw new CannotStartError(
    [...lines].join("\n"),
    problems.every(({ mayPass }) => mayPass),
  );
}

function listenError(server: Server, host: string, port: number): Promise<NodeJS.ErrnoException | null> {
  return new Promise((resolve) => {
    server.once("error", resolve);
    server.listen({ host, port }, () => resolve(null));
  });
}

type PortProblem = { readonly line: string; readonly mayPass: boolean };

function portProblem(variable: string, host: string, port: number, error: NodeJS.ErrnoException): PortProblem {
  switch (error.code) {
    case "EADDRINUSE":
      return { line: `${variable}: port ${port} of ${host} is in use. Stop what listens there, or set another port`, mayPass: true };
    case "EACCES":
      return { line: `${variable}: this user may not listen on port ${port}. Set a port above 1023`, mayPass: false };
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return { line: `TRINITY_HOST: ${host} is no address of this machine. Use 127.0.0.1, or 0.0.0.0 for all`, mayPass: false };
    default:
      return { line: `${variable}: ${error.message}`, mayPass: false };
  }
}
