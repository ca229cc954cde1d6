import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { StoreTakenError } from "@trinity/storage/event-store";
import { afterEach, expect, test } from "vitest";
import { CannotStartError, claimStart } from "./claim-start.ts";

const anyPorts = {
  TRINITY_HOST: "127.0.0.1",
  TRINITY_INGEST_PORT: 0,
  TRINITY_INGEST_GRPC_PORT: 0,
  TRINITY_API_PORT: 0,
  TRINITY_WORKER_PORT: 0,
};
const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => void servers.splice(0).map((server) => server.close()));

async function takenPort(): Promise<number> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** A claim of a folder that other processes have at first; only waits advance the clock. */
function claiming(heldFor: number, listeners = anyPorts) {
  const said: string[] = [];
  const asking = new AbortController();
  let [nowMs, tries, held] = [0, 0, 0];
  const claimData = () => {
    tries += 1;
    if (tries <= heldFor) throw new StoreTakenError("another has it");
    held += 1;
    return { release: () => void (held -= 1) };
  };
  const sleep = async (ms: number) => void (nowMs += ms);
  const claimed = claimStart({
    claimData,
    listeners,
    clock: { nowMs: () => nowMs },
    sleep,
    say: (line) => said.push(line),
    signal: asking.signal,
  });
  return { claimed, said, asking, held: () => held, nowMs: () => nowMs };
}

test("a free folder and ports are claimed at once, and kept until they are released", async () => {
  const one = claiming(0);
  const claim = await one.claimed;
  expect([one.held(), one.nowMs(), one.said]).toEqual([1, 0, []]);
  claim?.release();
  expect(one.held()).toBe(0);
});

test("resources of an earlier start are waited for, which is reported once", async () => {
  const one = claiming(3);
  await one.claimed;
  expect(one.said).toEqual([expect.stringMatching(/^waiting up to 12 s: TRINITY_DATA_DIR: another has it\. Stop it/)]);
  expect(one.held()).toBe(1);
});

test("resources that stay taken are named after the wait, with a remedy", async () => {
  const one = claiming(Number.POSITIVE_INFINITY);
  await expect(one.claimed).rejects.toThrow(/^TRINITY_DATA_DIR: another has it\. Stop it, or name another folder$/);
  expect(one.nowMs()).toBe(12_000);
});

test("every port that is taken is named, two of the same number as well, and the folder is given back", async () => {
  const port = await takenPort();
  const one = claiming(0, { ...anyPorts, TRINITY_API_PORT: port, TRINITY_WORKER_PORT: port });
  const error = await one.claimed.catch((caught: Error) => caught);
  expect(error).toBeInstanceOf(CannotStartError);
  const line = (name: string) => `${name}: port ${port} of 127.0.0.1 is in use. Stop what listens there, or set another port`;
  expect((error as Error).message).toBe(`${line("TRINITY_API_PORT")}\n${line("TRINITY_WORKER_PORT")}`);
  expect(one.held()).toBe(0);
});

test("an address that is not of this machine ends the start at once, and is named once", async () => {
  const one = claiming(0, { ...anyPorts, TRINITY_HOST: "192.0.2.1" });
  await expect(one.claimed).rejects.toThrow(/^TRINITY_HOST: 192\.0\.2\.1 is no address of this machine[^\n]*$/);
  expect(one.nowMs()).toBe(0);
});

test("asked to stop while it waits, it takes nothing", async () => {
  const one = claiming(2);
  one.asking.abort();
  expect([await one.claimed, one.held()]).toEqual([null, 0]);
});
