import { failed, ok } from "@trinity/runtime/result";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Segment } from "./segment.ts";
import { parseSegment } from "./segment-text.ts";

const has = (attribute: Extract<Segment, { kind: "attribute" }>["attribute"], ...values: string[]): Segment => ({
  kind: "attribute",
  attribute,
  values,
});

describe("a segment is read", () => {
  test.each<[string, Segment]>([
    ["platform:android", has("platform", "android")],
    ["platform:android,ios", has("platform", "android", "ios")],
    ["  locale : es-ES ", has("locale", "es-ES")],
    ['favouriteGenre:"science fiction"', has("favouriteGenre", "science fiction")],
    ['platform:"and,roid","say ""hi"""', has("platform", "and,roid", 'say "hi"')],
    ['locale:""', has("locale", "")],
    ["!platform:ios", { kind: "not", of: has("platform", "ios") }],
    ["!!platform:ios", { kind: "not", of: { kind: "not", of: has("platform", "ios") } }],
    [
      "platform:ios | platform:web & cohort:2026-11",
      { kind: "any", of: [has("platform", "ios"), { kind: "all", of: [has("platform", "web"), has("cohort", "2026-11")] }] },
    ],
    [
      "platform:android & !(ageBand:18-24 | activityTier:heavy)",
      {
        kind: "all",
        of: [has("platform", "android"), { kind: "not", of: { kind: "any", of: [has("ageBand", "18-24"), has("activityTier", "heavy")] } }],
      },
    ],
  ])("%s", (text, segment) => {
    expect(parseSegment(text)).toEqual(ok(segment));
  });
});

describe("what is no segment is refused, and the place is named", () => {
  test.each<[string, RegExp]>([
    ["", /^expects one of platform, .* at character 1$/],
    ["shoeSize:44", /^expects one of platform, .* at character 1$/],
    ["platform", /^expects a colon at character 9$/],
    ["platform:", /^expects a value at character 10$/],
    ["platform:ios &", /at character 15$/],
    ["(platform:ios", /^expects a closing parenthesis at character 14$/],
    ["platform:ios platform:web", /^expects the end, & or \| at character \d+$/],
    ['platform:"ios', /^cannot be read at character 10$/],
    ['platform:"a"b', /^expects the end, & or \| at character 13$/],
    ["cohort:2020-W54", /^cohort must be a month .* at character 8$/],
    ["platform:ios & !(cohort:2026-11,2021-W53)", /^cohort must be a month .* at character 33$/],
    ["cohort:2026-13", /^cohort must be/],
    ["cohort:2026-00", /^cohort must be/],
    ["cohort:2026-W00", /^cohort must be/],
    ["cohort:november", /^cohort must be/],
    ["cohort:unknown", /^cohort must be/],
    ["activityTier:casual", /^activityTier must be one of heavy, regular, light, inactive: at character 14$/],
    [`${"!".repeat(201)}platform:ios`, /^has more than 50 parts$/],
  ])("%s", (text, message) => {
    expect(parseSegment(text)).toEqual(failed({ message: expect.stringMatching(message) }));
  });
});

test("in quotes, any text at all is a value", () => {
  const anyText = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.string({ unit: fc.constantFrom('"', ",", ":", "!", "&", "|", "(", ")", " ", "\\", "\n", "a") }),
  );
  fc.assert(
    fc.property(fc.array(anyText, { minLength: 1, maxLength: 4 }), (values) => {
      const text = values.map((value) => `"${value.replaceAll('"', '""')}"`).join(" , ");
      const segment: Segment = { kind: "all", of: [{ kind: "not", of: has("platform", ...values) }, has("locale", "es")] };
      expect(parseSegment(`!platform:${text} & locale:es`)).toEqual(ok(segment));
    }),
    { numRuns: 300 },
  );
});
