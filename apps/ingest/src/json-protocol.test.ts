import { describe, expect, test } from "vitest";
import { ndjsonProtocol } from "./json-protocol.ts";

const decode = (lines: readonly string[]) => ndjsonProtocol.decode(Buffer.from(lines.join("\n")));

describe("NDJSON", () => {
  test("what a line leaves open does not reach the next: each is refused or read alone", () => {
    const decoded = decode([...new Array<string>(70).fill("["), '"', '{"eventId":"good"}']);
    expect(decoded).toMatchObject({
      ok: true,
      value: { candidates: [{ index: 71, value: { eventId: "good" } }], unreadable: { length: 71 } },
    });
  });

  test("a quote that never closes hides no depth in the lines below", () => {
    expect(decode(['"', "[".repeat(65) + "]".repeat(65)])).toMatchObject({ ok: false, error: { kind: "malformed_body" } });
  });

  test("a batch of more than 1,000 lines is too large, empty lines do not count", () => {
    expect(decode(new Array<string>(1_001).fill("{}"))).toMatchObject({ ok: false, error: { kind: "too_large" } });
    expect(decode(new Array<string>(1_000).fill("{}\r\n\r"))).toMatchObject({ ok: true, value: { candidates: { length: 1_000 } } });
  });
});
