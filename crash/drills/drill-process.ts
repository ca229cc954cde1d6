import { createHttpClient, type HttpClient } from "@trinity/testing/http-client";
import { type ServerProcess, serverReady, spawnServer, stopServer } from "@trinity/testing/server-process";
import type { DrilledApp, DrillProcess, Environment, Readiness } from "./drill.ts";

const outputCharsMax = 1_000_000;
const readyWithinMs = 60_000;
const everything = "from=1970-01-01&to=2100-01-01&granularity=total&fresh=true";

export type DrillKeys = { readonly ingest: string; readonly admin: string };

export function spawnDrillProcess(app: DrilledApp, environment: Environment, keys: DrillKeys): DrillProcess {
  const script = new URL(app === "start" ? "../../apps/cli/src/main.ts" : `../../apps/${app}/src/main.ts`, import.meta.url);
  const child = spawnServer({ script, scriptArgs: app === "start" ? ["start"] : [], env: environment, stderr: "pipe" });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      output = (output + chunk).slice(-outputCharsMax);
    });
  }
  let isRunning = true;
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  child.once("exit", () => {
    isRunning = false;
  });
  let server: ServerProcess | null = null;
  let client: HttpClient | null = null;
  const clientOf = (): HttpClient => {
    if (client === null) throw new Error(`wait until ${app} is ready first`);
    return client;
  };

  return {
    app,
    pid: child.pid as number,
    async ready(withinMs = readyWithinMs) {
      server ??= await serverReady(child, withinMs).catch((error: Error) => {
        throw new Error(`${app}: ${error.message}: ${output.trim().slice(-500)}`);
      });
      const url = server.ready[app];
      if (url !== undefined) client ??= createHttpClient(url, 8, app === "ingest" ? keys.ingest : keys.admin);
      return server.ready;
    },
    get client() {
      return clientOf();
    },
    output: () => output,
    ended,
    isRunning: () => isRunning,
    ...questionsTo(clientOf),
    async stop() {
      client?.close();
      if (server !== null) return stopServer(server);
      child.kill("SIGKILL");
      return ended;
    },
    async kill() {
      client?.close();
      child.kill("SIGKILL");
      if (isRunning) await ended;
    },
  };
}

/** The requests to a process through a client. */
export function questionsTo(clientOf: () => HttpClient): Pick<DrillProcess, "readiness" | "total"> {
  return {
    async readiness() {
      const answer = await clientOf()
        .get("/readyz")
        .catch(() => null);
      if (answer === null) return { status: 0, checks: {} };
      return { status: answer.status, checks: (JSON.parse(answer.text) as Pick<Readiness, "checks">).checks };
    },
    async total(metric) {
      const { status, text } = await clientOf().get(`/api/v1/metrics/${metric}?${everything}`);
      if (status !== 200) return `${status}`;
      return (JSON.parse(text) as { totals: { value: number }[] }).totals[0]?.value ?? "nothing";
    },
  };
}
