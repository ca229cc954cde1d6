import { batchOf, newEvent } from "@trinity/storage/store-examples";
import { openSqliteStore } from "./sqlite-event-store.ts";

/** Appends batches of two events, from number `first` to `last`, and prints each number once it is acknowledged. */
const [dataDir = "", first = "0", last = "0"] = process.argv.slice(2);
const store = openSqliteStore({ dataDir, mode: "readwrite" });
for (let i = Number(first); i <= Number(last); i++) {
  await store.append(batchOf([newEvent(`${i}-a`), newEvent(`${i}-b`)]));
  console.log(i);
}
await store.close();
