import { failed } from "@trinity/runtime/result";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseListenerConfig, portVariables } from "./listener-config.ts";

const names = Object.keys(portVariables);

test("two listeners on one port are a configuration error that names both variables and the port", () => {
  expect(parseListenerConfig({ TRINITY_INGEST_PORT: "5000", TRINITY_API_PORT: "5000" })).toEqual(
    failed(["TRINITY_API_PORT: is 5000, as TRINITY_INGEST_PORT is: set another port for one of them"]),
  );
  expect(parseListenerConfig({ TRINITY_WORKER_PORT: "4318" })).toEqual(
    failed(["TRINITY_WORKER_PORT: is 4318, as TRINITY_INGEST_PORT is: set another port for one of them"]),
  );
});

test("ports are taken unless two are the same; 0 is another free one each time", () => {
  const port = fc.constantFrom(0, 1_024, 5_000, 65_535);
  fc.assert(
    fc.property(fc.tuple(port, port, port, port), (ports) => {
      const parsed = parseListenerConfig(Object.fromEntries(names.map((name, i) => [name, `${ports[i]}`])));
      const fixed = ports.filter((number) => number !== 0);
      const repeated = fixed.length - new Set(fixed).size;
      expect(parsed.ok ? 0 : parsed.error.length).toBe(repeated);
    }),
    { numRuns: 256 },
  );
});
