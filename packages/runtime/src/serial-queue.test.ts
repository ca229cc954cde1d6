import { expect, test } from "vitest";
import { SerialQueue } from "./serial-queue.ts";

test("tasks run one after the other, in order, also after failures", async () => {
  const queue = new SerialQueue();
  const log: string[] = [];
  const gates = [0, 1, 2].map(() => Promise.withResolvers<void>());
  const results = gates.map((gate, i) =>
    queue
      .run(async () => {
        log.push(`begun ${i}`);
        await gate.promise;
        log.push(`ended ${i}`);
        return i;
      })
      .catch((error: Error) => error.message),
  );
  gates[2]?.resolve();
  await new Promise(setImmediate);
  expect(log).toEqual(["begun 0"]);
  gates[0]?.resolve();
  await results[0];
  gates[1]?.reject(new Error("failed"));
  expect(await Promise.all(results)).toEqual([0, "failed", 2]);
  expect(log).toEqual(["begun 0", "ended 0", "begun 1", "begun 2", "ended 2"]);
});

test("it is settled when all queued tasks have ended, and at once when there are none", async () => {
  const queue = new SerialQueue();
  await queue.settled();
  const gate = Promise.withResolvers<void>();
  void queue.run(() => gate.promise);
  let isSettled = false;
  const settled = queue.settled().then(() => (isSettled = true));
  await new Promise(setImmediate);
  expect(isSettled).toBe(false);
  gate.resolve();
  await settled;
});
