import { expect, test } from "vitest";
import { Turns } from "./turns.ts";

test("work runs one piece after the other, in order, whatever becomes of each", async () => {
  const turns = new Turns();
  const log: string[] = [];
  const gates = [0, 1, 2].map(() => Promise.withResolvers<void>());
  const results = gates.map((gate, i) =>
    turns
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

test("it is settled once all that was asked for is over, at once where nothing was", async () => {
  const turns = new Turns();
  await turns.settled();
  const gate = Promise.withResolvers<void>();
  void turns.run(() => gate.promise);
  let isSettled = false;
  const settled = turns.settled().then(() => (isSettled = true));
  await new Promise(setImmediate);
  expect(isSettled).toBe(false);
  gate.resolve();
  await settled;
});
