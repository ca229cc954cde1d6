import { setTimeout as sleep } from "node:timers/promises";
import { type ServerProcess, serverReady, spawnServer, stopServer } from "@trinity/testing/server-process";

type Environment = Readonly<Record<string, string | undefined>>;

/** One of our processes, killed and started again on the same ports. */
export class ProcessUnderFire {
  readonly name: string;
  readonly #app: string;
  readonly #environment: Environment;
  #ports: Environment = {};
  #server: ServerProcess | null = null;
  #starting: Promise<void> = Promise.resolve();
  kills = 0;

  /** @param environment without ports: the first start picks free ones */
  constructor(app: "ingest" | "api" | "worker", number: number, environment: Environment) {
    this.name = `${app} ${number}`;
    this.#app = app;
    this.#environment = environment;
  }

  /** Starts it, and waits until it is ready. @returns its URL, the same each time */
  async start(): Promise<string> {
    const child = spawnServer({
      script: new URL(`../apps/${this.#app}/src/main.ts`, import.meta.url),
      env: { ...this.#environment, [`TRINITY_${this.#app.toUpperCase()}_PORT`]: "0", TRINITY_INGEST_GRPC_PORT: "0", ...this.#ports },
    });
    this.#server = await serverReady(child, 120_000);
    const url = this.#server.ready[this.#app] as string;
    this.#ports = { [`TRINITY_${this.#app.toUpperCase()}_PORT`]: new URL(url).port };
    return url;
  }

  /** No code of the process runs after this. It is started again a moment later. */
  async killAndStartAgain(afterMs: number): Promise<void> {
    await this.#starting;
    this.kills += 1;
    this.#server?.kill("SIGKILL");
    await this.#server?.ended;
    this.#starting = sleep(afterMs).then(async () => void (await this.start()));
    this.#starting.catch(() => undefined);
  }

  /** @throws {Error} if it could not be started again after its last kill */
  async running(): Promise<void> {
    await this.#starting;
  }

  /** @returns its exit code; null if it did not stop in time */
  async stop(): Promise<number | null> {
    return this.#server === null ? null : stopServer(this.#server);
  }

  kill(): void {
    this.#server?.kill("SIGKILL");
  }
}
