/**
 * Wants a lease that many want, over DynamoDB, and does under it what may be done once: counts a record up by one. Says what it did, a line of
 * JSON each: `{ token, value, fromMs, toMs }`.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { openDynamoLeaseStore } from "@trinity/storage-dynamodb/dynamo-lease-store";

const forMs = 1_500;
const [endpoint, tablePrefix] = process.argv.slice(2) as [string, string];
const holder = randomBytes(6).toString("hex");
const leases = openDynamoLeaseStore({ endpoint, region: "eu-west-1", tablePrefix });

process.stdout.write("ready {}\n");
for (;;) {
  try {
    await contend();
  } catch {
    // The store was busy too long: what was not written is not said.
  }
  await sleep(50 + Math.random() * 200);
}

async function contend(): Promise<void> {
  const lease = await leases.acquire("alerts", holder, forMs, Date.now());
  if (lease === null) return;
  for (let current = lease; ; ) {
    const value = Number((await leases.readRecord("alerts-sent")) ?? "0") + 1;
    if ((await leases.writeRecord(current, "alerts-sent", `${value}`)) === "lost") return;
    // Beyond its end the lease may be another's already: only what it covered is said to have been held.
    const nowMs = Date.now();
    process.stdout.write(`${JSON.stringify({ token: current.token, value, atMs: nowMs, leasedUntilMs: current.expiresAtMs, holder })}\n`);
    if (Math.random() < 0.2) return leases.release(current);
    const renewed = await leases.renew(current, forMs, Date.now());
    if (renewed === null) return;
    current = renewed;
    await sleep(Math.random() * 300);
  }
}
