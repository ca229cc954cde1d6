/** Seals all of the log of a data folder, as the worker does; `run-sealing.ts` kills it. */
import { join } from "node:path";
import { startEngine } from "@trinity/columns/engine";
import { sealNext } from "@trinity/columns/seal";
import { openSqliteStore } from "@trinity/storage-sqlite/sqlite-event-store";

const dataDir = process.argv[2] as string;
const segmentsDir = join(dataDir, "segments");
const store = openSqliteStore({ dataDir, mode: "readonly" });
const engine = startEngine({ spillDir: join(segmentsDir, "spill-of-sealing") });
process.send?.("sealing");
while ((await sealNext({ store, engine, segmentsDir, nowMs: Date.now() })) > 0);
engine.close();
await store.close();
process.disconnect();
