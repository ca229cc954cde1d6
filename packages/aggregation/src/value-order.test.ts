import { expect, test } from "vitest";
import { byValue } from "./value-order.ts";

test("numbers come by their size, then text", () => {
  expect(["unknown", "10", "comedy", "9", "2"].sort(byValue)).toEqual(["2", "9", "10", "comedy", "unknown"]);
});
