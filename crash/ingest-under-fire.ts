import { ingestServer } from "@trinity/testing/ingest-server";
import { type ServerProcess, serverReady, spawnServer, stopServer } from "@trinity/testing/server-process";

/** An ingest process that is killed and started again on the same data folder and the same ports. */
export class IngestUnderFire {
  readonly #dataDir: string;
  readonly #environment: Readonly<Record<string, string | undefined>>;
  #ports = { http: 0, grpc: 0 };
  #server: ServerProcess | null = null;

  constructor(dataDir: string, environment: Readonly<Record<string, string | undefined>>) {
    this.#dataDir = dataDir;
    this.#environment = environment;
  }

  /** Starts it, and waits until it is ready. @returns its URL, the same each time */
  async start(): Promise<string> {
    this.#server = await serverReady(this.#spawn());
    const { ingest, grpc } = this.#server.ready;
    this.#ports = { http: portOf(ingest as string), grpc: portOf(grpc as string) };
    return ingest as string;
  }

  /** Starts it and kills it, possibly before it is ready: kills must hit the start as well. */
  async startAndKill(afterMs: number): Promise<void> {
    const child = this.#spawn();
    const ended = new Promise((resolve) => child.once("exit", resolve));
    const timer = setTimeout(() => child.kill("SIGKILL"), afterMs);
    await ended;
    clearTimeout(timer);
  }

  /** No code of the process runs after this. */
  async kill(): Promise<void> {
    this.#server?.kill("SIGKILL");
    await this.#server?.ended;
    this.#server = null;
  }

  /** @returns its exit code; null if it did not stop in time */
  async stop(): Promise<number | null> {
    return this.#server === null ? null : stopServer(this.#server);
  }

  #spawn() {
    return spawnServer(ingestServer(this.#dataDir, this.#environment, this.#ports));
  }
}

function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(":") + 1));
}
