import fc from "fast-check";
import { expect, test } from "vitest";
import { type Admitted, createAdmission } from "./admission.ts";

const limits = { bytesMax: 1_000, sharedBytesMax: 600, guaranteedBytes: 300, shareBytesMin: 20, busyAfterMs: 400 };

/** What senders do, in any order: small numbers, so that senders and requests meet. */
const anyStep = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("admit"), sender: fc.nat(5), bytes: fc.nat(400) }) },
  fc.record({ kind: fc.constant("grow"), request: fc.nat(20), bytes: fc.nat(500) }),
  fc.record({ kind: fc.constant("whole"), request: fc.nat(20) }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("giveBack"), request: fc.nat(20) }) },
  fc.record({ kind: fc.constant("wait"), ms: fc.nat(600) }),
);
type Step = { readonly kind: string; readonly sender?: number; readonly bytes?: number; readonly request?: number; readonly ms?: number };
type Request = { readonly admitted: Admitted; readonly sender: number; bytes: number; wholeAtMs: number | null };

test("Feature: analytics-system, Property 5: ingestion under overload - the bytes under way are those of the requests that were admitted and not given back, never more than the bound; while there is room, a sender with nothing under way, or within its share, is never refused, and another only when something has waited for long or the shared room is used up", () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 80 }), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (steps, chance) => {
      let nowMs = 0;
      const refused: string[] = [];
      const admission = createAdmission({
        clock: { nowMs: () => nowMs },
        random: () => chance,
        limits,
        onRefused: (reason) => refused.push(reason),
      });
      const all: Request[] = [];
      const underWay = () => all.filter(({ admitted }) => admitted.isUnderWay());
      const bytesOf = (requests: readonly Request[]) => requests.reduce((sum, { bytes }) => sum + bytes, 0);
      const oldestMs = () => Math.max(0, ...underWay().map(({ wholeAtMs }) => nowMs - (wholeAtMs ?? nowMs)));

      /** What may happen to so many more bytes of a sender, from what is under way. */
      function expected(sender: number, more: number, requestsBefore: number): string | null {
        const active = new Set([...underWay().map((request) => request.sender), sender]).size;
        const mine = bytesOf(underWay().filter((request) => request.sender === sender));
        if (bytesOf(underWay()) + more > limits.bytesMax) return "full";
        if (requestsBefore === 0 || mine + more <= Math.max(limits.shareBytesMin, limits.guaranteedBytes / active)) return null;
        return bytesOf(underWay()) + more > limits.sharedBytesMax || oldestMs() > limits.busyAfterMs ? "share" : null;
      }

      function take(step: Step): void {
        const request = all[(step.request ?? 0) % all.length];
        if (step.kind === "wait") nowMs += step.ms as number;
        else if (step.kind === "admit") {
          const sender = step.sender as number;
          const bytes = step.bytes as number;
          const reason = expected(sender, bytes, underWay().filter((other) => other.sender === sender).length);
          const admitted = admission.admit(`sender ${sender}`, bytes);
          expect([admitted.ok, refused.splice(0)]).toEqual([reason === null, reason === null ? [] : [reason]]);
          if (admitted.ok) all.push({ admitted: admitted.value, sender, bytes, wholeAtMs: null });
        } else if (request === undefined) return;
        else if (step.kind === "whole") {
          if (request.admitted.isUnderWay()) request.wholeAtMs ??= nowMs;
          request.admitted.markWhole();
        } else if (step.kind === "giveBack") request.admitted.giveBack();
        else if (request.admitted.isUnderWay()) {
          const more = Math.max(0, (step.bytes as number) - request.bytes);
          const others = underWay().filter(({ sender }) => sender === request.sender).length - 1;
          const reason = more === 0 ? null : expected(request.sender, more, others);
          expect(request.admitted.growTo(step.bytes as number).ok).toBe(reason === null);
          expect(refused.splice(0)).toEqual(reason === null ? [] : [reason]);
          if (reason === null) request.bytes += more;
        }
      }

      for (const step of steps) {
        take(step);
        expect(admission.bytesUnderWay()).toBe(bytesOf(underWay()));
        expect(admission.bytesUnderWay()).toBeLessThanOrEqual(limits.bytesMax);
        expect(admission.oldestWaitMs()).toBe(oldestMs());
        const retryAfterS = admission.retryAfterS();
        expect(Number.isInteger(retryAfterS) && retryAfterS >= 1 && retryAfterS <= 30).toBe(true);
      }
      for (const { admitted } of all) {
        admitted.giveBack();
        admitted.growTo(limits.bytesMax);
        admitted.markWhole();
      }
      expect([admission.bytesUnderWay(), admission.oldestWaitMs()]).toEqual([0, 0]);
      expect(admission.admit("anyone", limits.bytesMax).ok).toBe(true);
    }),
    { numRuns: 500 },
  );
});
