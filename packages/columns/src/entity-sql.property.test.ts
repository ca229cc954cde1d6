import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test, vi } from "vitest";
import { startEngine } from "./engine/engine.ts";
import { groupsByFirst } from "./entity-sql.ts";
import { ofFirstEvent } from "./first-event-sql.ts";

vi.setConfig({ testTimeout: 120_000 });

const folder = mkdtempSync(join(tmpdir(), "trinity-entity-sql-"));
const engine = startEngine({ spillDir: join(folder, "spill") });
afterAll(() => {
  engine.close();
  rmSync(folder, { recursive: true, force: true });
});

const columns = ["platform", "userNumber"] as const;
const shape = JSON.stringify([
  {
    sessionId: "VARCHAR",
    part: "INTEGER",
    atMs: "BIGINT",
    orderNumber: "BIGINT",
    eventId: "VARCHAR",
    platform: "VARCHAR",
    userNumber: "INTEGER",
  },
]);
const told = `(SELECT unnest(from_json($events::JSON, '${shape}'), recursive := true))`;

test("a group has what its first event has, however many events share its first instant", async () => {
  // Few instants and order numbers, so that many are alike.
  const anyEvent = fc.record({
    sessionId: fc.constantFrom("a", "b", "c"),
    part: fc.nat(1),
    atMs: fc.nat(3),
    orderNumber: fc.nat(1),
    platform: fc.constantFrom("ios", "web", null),
    userNumber: fc.constantFrom(1, 2, null),
  });
  let tied = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(anyEvent, { minLength: 1, maxLength: 20 }), fc.array(fc.nat(99)), async (alike, ids) => {
      const events = alike.map((event, i) => ({ ...event, eventId: `${ids[i] ?? 0}/${i}` }));
      const keys = ["sessionId", "part"];
      const inOrder = `SELECT sessionId, part, min(atMs) AS startMs, max(atMs) AS endMs, count(*) AS events,
        ${columns.map((name) => `${ofFirstEvent(name)} AS ${name}`).join(", ")} FROM ${told} GROUP BY sessionId, part`;
      const shown = ["sessionId", "part", "startMs::DOUBLE", "endMs::DOUBLE", "events::DOUBLE", ...columns].join(", ");
      const read = (groups: string) =>
        engine.read({ sql: `SELECT ${shown} FROM ${groups} ORDER BY ALL`, parameters: { events: JSON.stringify(events) } });
      expect(await read(groupsByFirst(told, keys, columns))).toEqual(await read(`(${inOrder})`));
      const starts = Map.groupBy(events, ({ sessionId, part }) => `${sessionId} ${part}`).values();
      const areTied = starts.some((group) => {
        const startMs = Math.min(...group.map(({ atMs }) => atMs));
        return new Set(group.filter(({ atMs }) => atMs === startMs).map(({ platform }) => platform)).size > 1;
      });
      tied += areTied ? 1 : 0;
    }),
    { numRuns: 200 },
  );
  expect(tied).toBeGreaterThan(20);
});
