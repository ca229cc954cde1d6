import type { StoreConfig } from "@trinity/config/store-config";
import type { Sleep } from "@trinity/runtime/sleep";
import { storesOf } from "@trinity/store-factory/stores";

/** Creates the tables that are missing, and names them. @returns the exit code */
export async function createMissingTables(config: StoreConfig, sleep: Sleep): Promise<number> {
  const stores = await storesOf({ ...config, TRINITY_STORE: "dynamodb" });
  const created = await stores.prepare(sleep);
  process.stdout.write(created.length === 0 ? "all tables are there\n" : `${created.map((name) => `created ${name}`).join("\n")}\n`);
  return 0;
}
