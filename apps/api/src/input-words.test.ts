import { afterAll, beforeAll, expect, test } from "vitest";
import { type Json, startTestApi, type TestApi } from "./api-app.testing.ts";
import { type ListedProcedure, listProcedures, type PropertySchema } from "./procedure-list.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

/** What is right for each field that some procedure requires. */
const right: Readonly<Record<string, string>> = {
  from: "2026-11-22",
  to: "2026-11-23",
  metric: "votes",
  roomId: "r_one",
  name: "key-of-words",
  role: "admin",
};
const secret = "sEcReTwOrD";

/** Values that are empty, of a wrong type, none of the options, too long, or out of range. */
const wrongValues: readonly unknown[] = [
  "",
  secret,
  null,
  1e300,
  -1,
  0.5,
  true,
  [],
  [secret],
  [""],
  [[]],
  {},
  { [secret]: 1 },
  `${secret}${"x".repeat(3_000)}`,
  Array(60).fill("a"),
];

const fields = listProcedures().flatMap((procedure) => Object.keys(procedure.input.properties).map((name) => [procedure, name] as const));

async function ask({ path, type, rest, input: { required } }: ListedProcedure, name: string, value: unknown) {
  const input: Record<string, unknown> = { ...Object.fromEntries(required.map((one) => [one, right[one]])), [name]: value };
  if (value === undefined) delete input[name];
  if (type === "subscription") {
    const parameters = new URLSearchParams({ [name]: String(value) });
    return api.get(`/api/v1${rest.path}?${parameters}`);
  }
  const body = JSON.stringify(input);
  return type === "mutation" || body.length > 5_000
    ? api.send("POST", `/trpc/${path}`, body)
    : api.get(`/trpc/${path}?input=${encodeURIComponent(body)}`);
}

const errorsOf = (json: Json): readonly { path: string; message: string }[] => (json?.error?.data.problem ?? json)?.errors ?? [];

test.each(fields.filter(([{ type }]) => type !== "subscription").map(([procedure, name]) => [procedure.path, name, procedure] as const))(
  "%s says what to send when %s is wrong",
  async (_path, name, procedure) => {
    let apiError = 0;
    for (const value of [...wrongValues, ...(procedure.input.required.includes(name) ? [undefined] : [])]) {
      const { status, json, text } = await ask(procedure, name, value);
      if (status !== 400) continue;
      apiError += 1;
      const errors = errorsOf(json);
      expect(errors.length, text).toBeGreaterThan(0);
      for (const { path, message } of errors) {
        expect(path, text).toMatch(new RegExp(`^${name}(\\.|$)`));
        expect(message).not.toMatch(/Too (small|big)|Invalid|expected|received|Unrecognized|pattern/);
        expect(message).toMatch(/^[a-zA-Z_, ]*\b(must|is required|is known|is not known|expects|cannot|takes|is none of|has no|has more)/);
        expect(message.length).toBeLessThanOrEqual(256);
      }
      expect(errors.map(({ message }) => message).join()).not.toContain(secret);
    }
    expect(apiError).toBeGreaterThan(0);
    const allowed = allowedBy(procedure.input.properties[name] as PropertySchema);
    if (allowed.length === 0) return;
    const { json } = await ask(procedure, name, secret);
    for (const one of allowed)
      expect(errorsOf(json)[0]?.message).toMatch(
        allowed.length > 12 ? /must be|must be a list/ : new RegExp(`\\b${one}\\b|must be a list`),
      );
  },
);

function allowedBy({ enum: values = [] }: PropertySchema): readonly unknown[] {
  return values;
}

test.each([
  [
    "/api/v1/metrics/votes?from=2026-11-22&to=2026-11-23&tz=",
    "tz",
    "must be a time zone of the IANA database, such as Europe/Madrid, or an offset, such as +02:00 (in a URL %2B02:00)",
  ],
  [
    "/api/v1/metrics/votes?from=2026-11-22&to=2026-11-23&tz=Nowhere",
    "tz",
    "must be a time zone of the IANA database, such as Europe/Madrid, or an offset, such as +02:00 (in a URL %2B02:00)",
  ],
  ["/api/v1/metrics/votes?from=2026-11-22&to=2026-11-23&segment=", "segment", "must not be empty"],
  ["/api/v1/metrics/votes?from=2026-11-22&to=2026-11-23&window=2", "window", "must be one of 1, 7, 30"],
  [
    "/api/v1/metrics/votes?from=2026-11-22&to=2026-11-23&granularity=",
    "granularity",
    "must be one of minute, hour, day, week, month, total",
  ],
  ["/api/v1/metrics/votes?from=2026-11-22&to=2026-11-23&fresh=1", "fresh", "must be true or false"],
  [
    "/api/v1/metrics/votes?from=&to=2026-11-23",
    "from",
    "must be a date (2026-11-22) or an RFC 3339 instant with an offset (2026-11-22T20:15:00Z)",
  ],
  ["/api/v1/metrics/votes?to=2026-11-23", "from", "is required, and must be one text"],
  ["/api/v1/rooms/abandonment?from=2026-11-22&to=2026-11-23&limit=", "limit", "must be a number"],
  ["/api/v1/rooms/abandonment?from=2026-11-22&to=2026-11-23&limit=0", "limit", "must be at least 1"],
  ["/api/v1/live/metrics?lastEventId=x", "lastEventId", "must be the id of an event of this stream: a revision"],
  ["/api/v1/live/events?lastEventId=x", "lastEventId", "must be the id of an event of this stream: <chunk>.<index>"],
  ["/api/v1/live/events?filter=", "filter.0", "must begin with the name of a dimension and a colon"],
])("%s: %s %s", async (path, where, message) => {
  const { status, json } = await api.get(path);
  expect([status, json.errors]).toEqual([400, [{ path: where, message }]]);
});
