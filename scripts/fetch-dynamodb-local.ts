/** Vitest's global set-up: fetches DynamoDB Local into the cache folder, once, if only it is missing. Test workers wait for it. */
import { hasJava } from "@trinity/dynamodb-local/dynamodb-local";
import { emulatorFolder, installEmulator, isEmulatorIn } from "@trinity/dynamodb-local/install-emulator";

/** @public Vitest calls it by its name. */
export async function setup(): Promise<void> {
  const folder = emulatorFolder(process.env);
  if (!hasJava(process.env) || isEmulatorIn(folder)) return;
  console.log("fetching DynamoDB Local into the cache folder, this once");
  await installEmulator(folder).catch((error: Error) => console.warn(error.message));
}
