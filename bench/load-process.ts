import { spawn } from "node:child_process";
import { canPin } from "@trinity/testing/server-process";

const loadCpu = 1;

/** Runs a load in a process of its own, on the CPU that the server does not have. @returns what it prints, as JSON @throws {Error} when it fails */
export async function runLoadProcess<Result>(script: URL, settings: unknown, nodeArgs: readonly string[] = []): Promise<Result> {
  const command = [process.execPath, ...nodeArgs, script.pathname, JSON.stringify(settings)];
  const [file, ...args] = canPin() ? ["taskset", "-c", `${loadCpu}`, ...command] : command;
  const child = spawn(file as string, args, { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`the load ended with ${code}`);
  return JSON.parse(text) as Result;
}
