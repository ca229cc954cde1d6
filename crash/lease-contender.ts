/**
 * Competes with others for a lease on DynamoDB, and increments a record under the lease. Prints each increment as a line of JSON:
 * `{ token, value, atMs, leasedUntilMs, holder }`.
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
    // The store was busy too long: increments that were not written are not reported.
  }
  await sleep(50 + Math.random() * 200);
}

async function contend(): Promise<void> {
  const lease = await leases.acquire("alerts", holder, forMs, Date.now());
  if (lease === null) return;
  for (let current = lease; ; ) {
    const value = Number((await leases.readRecord("alerts-sent")) ?? "0") + 1;
    if ((await leases.writeRecord(current, "alerts-sent", `${value}`)) === "lost") return;
    // After the lease ended another process may have it: report only the time that it covered.
    const nowMs = Date.now();
    process.stdout.write(`${JSON.stringify({ token: current.token, value, atMs: nowMs, leasedUntilMs: current.expiresAtMs, holder })}\n`);
    if (Math.random() < 0.2) return leases.release(current);
    const renewed = await leases.renew(current, forMs, Date.now());
    if (renewed === null) return;
    current = renewed;
    await sleep(Math.random() * 300);
  }
}
