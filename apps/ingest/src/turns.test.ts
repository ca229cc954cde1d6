import { ok, type Result } from "@trinity/runtime/result";
import { describe, expect, test } from "vitest";
import { type Admitted, createAdmission } from "./admission.ts";
import type { IngestProblem } from "./ingest-problem.ts";
import { createTurns } from "./turns.ts";

const kibibyte = 1024;
const tick = () => new Promise((resolve) => setImmediate(resolve));

/** Turns on a clock that work moves, with a commit and a fold that are told what to say. */
function setUp() {
  let nowMs = 0;
  let pressure = 0;
  let hasRoom = true;
  const foldWaits: (() => void)[] = [];
  const refused: string[] = [];
  const clock = { nowMs: () => nowMs };
  const admission = createAdmission({ clock, random: () => 0, onRefused: (reason) => refused.push(reason) });
  const turns = createTurns({
    clock,
    admission,
    hasRoom: () => hasRoom,
    folding: { pressure: () => pressure, waitForFold: () => new Promise((resolve) => foldWaits.push(resolve)) },
  });
  const begun: string[] = [];
  function send(sender: string, bytes = kibibyte, tookMs = 0) {
    const admitted = admission.admit(sender, bytes);
    if (!admitted.ok) throw new Error("not admitted");
    const request: Admitted = admitted.value;
    const answer: Promise<Result<string, IngestProblem>> = turns.inTurn(request, bytes, async () => {
      begun.push(sender);
      nowMs += tookMs;
      return ok(sender);
    });
    return { request, answer };
  }
  return {
    begun,
    refused,
    foldWaits,
    turns,
    send,
    waitMs: (ms: number) => (nowMs += ms),
    pressureIs: (now: number) => (pressure = now),
    roomIs: (is: boolean) => (hasRoom = is),
  };
}

describe("work in turn", () => {
  test("nothing is begun in the iteration in which it comes; then each sender has its turn of 64 KiB, whoever came first", async () => {
    const { send, begun } = setUp();
    for (const sender of ["noisy", "noisy", "noisy", "calm", "calm"]) send(sender, sender === "noisy" ? 40 * kibibyte : 20 * kibibyte);
    expect(begun).toEqual([]);
    await tick();
    expect(begun).toEqual(["noisy", "calm", "calm", "noisy", "noisy"]);
  });

  test("an iteration begins nothing more once it has worked for two milliseconds; the rest follows", async () => {
    const { send, begun } = setUp();
    for (let i = 0; i < 5; i++) send("one", kibibyte, 1);
    for (const soFar of [2, 4, 5]) {
      await tick();
      expect(begun).toHaveLength(soFar);
    }
  });

  test("the answer is that of the work", async () => {
    expect(await setUp().send("one").answer).toEqual(ok("one"));
  });

  test("nothing is begun while the next commit has no room, and all of it once that has begun", async () => {
    const { send, begun, roomIs, turns } = setUp();
    roomIs(false);
    for (let i = 0; i < 2; i++) send("one");
    await tick();
    await tick();
    expect(begun).toEqual([]);
    roomIs(true);
    turns.onCommit();
    await tick();
    expect(begun).toHaveLength(2);
  });

  test("while the fold is behind, a sender with much under way waits for it, and one with little does not", async () => {
    const { send, begun, pressureIs, foldWaits, turns } = setUp();
    pressureIs(1.01);
    send("noisy", 129 * kibibyte);
    send("calm", 128 * kibibyte);
    await tick();
    expect([begun, foldWaits]).toEqual([["calm"], [expect.any(Function)]]);
    turns.onCommit();
    await tick();
    expect(begun).toEqual(["calm"]);
    foldWaits[0]?.();
    await tick();
    expect(begun).toEqual(["calm", "noisy"]);
  });

  test("a fold that was waited for lets one request of a sender of much go on, and all of others, until the next commit begins", async () => {
    const { send, begun, pressureIs, foldWaits, turns } = setUp();
    pressureIs(2.01);
    for (let i = 0; i < 2; i++) send("noisy", 129 * kibibyte);
    for (let i = 0; i < 2; i++) send("calm");
    await tick();
    expect([begun, foldWaits.length]).toEqual([[], 1]);
    foldWaits[0]?.();
    await tick();
    send("calm");
    await tick();
    expect(begun.toSorted()).toEqual(["calm", "calm", "calm", "noisy"]);
    turns.onCommit();
    send("calm");
    await tick();
    expect([begun.length, foldWaits.length]).toEqual([4, 2]);
  });

  test("a fold that is very far behind lets all go on after a wait, until the next commit begins", async () => {
    const { send, begun, pressureIs, foldWaits } = setUp();
    pressureIs(10);
    for (let i = 0; i < 3; i++) send("noisy", 129 * kibibyte);
    await tick();
    foldWaits[0]?.();
    await tick();
    expect(begun).toHaveLength(3);
  });

  test("while the fold is far behind everyone waits for it; while it is near nobody does", async () => {
    const { send, begun, pressureIs, foldWaits } = setUp();
    pressureIs(2.01);
    send("calm");
    await tick();
    expect([begun, foldWaits.length]).toEqual([[], 1]);
    pressureIs(1);
    send("noisy", 129 * kibibyte);
    await tick();
    expect([begun, foldWaits.length]).toEqual([["calm", "noisy"], 1]);
  });

  test("what has waited for more than ten seconds is refused instead of begun", async () => {
    const { send, begun, refused, waitMs, roomIs, turns } = setUp();
    roomIs(false);
    const { answer } = send("one");
    waitMs(5_000);
    send("one");
    waitMs(5_001);
    roomIs(true);
    turns.onCommit();
    expect(await answer).toMatchObject({ ok: false, error: { kind: "too_much_under_way", permanent: false, retryAfterS: 1 } });
    expect([begun, refused]).toEqual([["one"], ["late"]]);
  });

  test("nothing is done for a sender who has left, which is no refusal", async () => {
    const { send, begun, refused } = setUp();
    const { request, answer } = send("one");
    request.giveBack();
    expect((await answer).ok).toBe(false);
    expect([begun, refused]).toEqual([[], []]);
  });
});
