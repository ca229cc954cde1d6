import { describe, expect, test } from "vitest";
import { eventOfRow, parseMapping } from "./csv-mapping.ts";

const row = { user: "7", movie: "862", ts: "964982703", genres: "Comedy|Drama", rating: "4.5", empty: "" };
const eventOf = (...texts: string[]) => eventOfRow(row, parseMapping(texts));

describe("a row as an event", () => {
  test("columns are read as text, number, Unix seconds and list, and set at the path", () => {
    expect(eventOf("userId=user", "timestamp=ts:seconds", "properties.genres=genres:list", "properties.dwellMs=rating:number")).toEqual({
      userId: "7",
      timestamp: 964_982_703_000,
      properties: { genres: ["Comedy", "Drama"], dwellMs: 4.5 },
    });
  });

  test("a text after == is the same in every row", () => {
    expect(eventOf("eventType==vote_content", "source.system==import")).toEqual({
      eventType: "vote_content",
      source: { system: "import" },
    });
  });

  test("an empty cell or a missing column is an absent field", () => {
    expect(eventOf("roomId=empty", "sessionId=nowhere", "userId=user")).toEqual({ userId: "7" });
  });

  test("a column with a colon in its name is still found", () => {
    expect(eventOfRow({ "a:b": "1" }, parseMapping(["userId=a:b"]))).toEqual({ userId: "1" });
  });

  test.each(["abc", " ", "0x10", "1e999", "12,5", "NaN"])("a cell %j is no number and is rejected with its line and column", (cell) => {
    for (const columnType of ["number", "seconds"])
      expect(() => eventOfRow({ n: cell }, parseMapping([`timestamp=n:${columnType}`]), 7)).toThrow(/^line 7, column n: is no number/);
  });

  test("a mapping without a field is refused", () => {
    expect(() => parseMapping(["=x"])).toThrow(RangeError);
  });
});
