import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** DynamoDB as a process on this machine, streams included; what it holds is gone when it stops. */
export type DynamoDbLocal = { readonly endpoint: string; stop(): Promise<void> };

const folder = join(homedir(), ".cache", "trinity-peers", "package", "emulator");

export function hasDynamoDbLocal(): boolean {
  return existsSync(join(folder, "DynamoDBLocal.jar"));
}

export async function startDynamoDbLocal(): Promise<DynamoDbLocal> {
  const port = await freePort();
  const args = ["-Djava.library.path=DynamoDBLocal_lib", "-jar", "DynamoDBLocal.jar", "-inMemory", "-sharedDb", "-port", `${port}`];
  const child = spawn("java", args, { cwd: folder, stdio: "ignore" });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const killed = () => child.kill("SIGKILL");
  process.once("exit", killed);
  const endpoint = `http://127.0.0.1:${port}`;
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
    process.off("exit", killed);
  };
  for (let attempt = 0; attempt < 300; attempt++) {
    // Any answer will do: it refuses what is not signed.
    const answer = await fetch(endpoint).catch(() => null);
    if (answer !== null) return { endpoint, stop };
    if (child.exitCode !== null) throw new Error(`DynamoDB Local ended (${child.exitCode}) before it was ready`);
    await pause(200);
  }
  await stop();
  throw new Error("DynamoDB Local was not ready in time");
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("no port"))));
    });
  });
}
