import { parseEvent } from "@trinity/events/parse-event";
import { expect, test } from "vitest";
import { type DefectRates, noDefects, usualDefects } from "./defects.ts";
import { simulate } from "./simulate.ts";

const fromMs = Date.UTC(2026, 1, 10);
const toMs = fromMs + 3 * 86_400_000;

function refusals(seed: number, defects: DefectRates) {
  let taken = 0;
  const refused: { eventType: string; path: string; message: string }[] = [];
  for (const message of simulate({ seed, fromMs, toMs, scale: 0.5, defects })) {
    if (message.kind !== "event") continue;
    const asJson: unknown = JSON.parse(JSON.stringify(message.event));
    const parsed = parseEvent(asJson, { nowMs: message.deliverAtMs, eventAgeMaxMs: 7 * 86_400_000 });
    if (parsed.ok && parsed.droppedProperties === 0) taken += 1;
    else refused.push({ eventType: message.event.eventType, path: "", message: "", ...(parsed.ok ? {} : parsed.rejection) });
  }
  return { taken, refused };
}

test.each([1, 2, 3, 42, 2026])("the catalogue takes every event of seed %i as it is", (seed) => {
  const { taken, refused } = refusals(seed, { ...usualDefects, missingSeatsRooms: 0, likeOnlyRooms: 0.2, testRooms: 0.1 });
  expect(refused).toEqual([]);
  expect(taken).toBeGreaterThan(1_000);
});

test("the catalogue takes a room that does not say how many seats it has", () => {
  const { taken, refused } = refusals(5, { ...noDefects, missingSeatsRooms: 1 });
  expect(refused).toEqual([]);
  expect(taken).toBeGreaterThan(0);
});
