import { expect, test } from "vitest";
import { severityOf } from "./severity.ts";

test.each([
  [1, "", "trace"],
  [4, "", "trace"],
  [5, "", "debug"],
  [9, "", "info"],
  [13, "", "warn"],
  [17, "", "error"],
  [24, "INFO", "fatal"],
  [0, "Warning", "warn"],
  [0, "CRITICAL", "fatal"],
  [0, "", "unspecified"],
  [25, "what the sender likes", "unspecified"],
])("number %d with the text %j is %s: the number counts first", (severityNumber, severityText, severity) => {
  expect(severityOf({ severityNumber, severityText })).toBe(severity);
});
