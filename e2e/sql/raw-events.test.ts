import { catalogue } from "@trinity/events/catalogue";
import { expect, test } from "vitest";
import { userActionTypes } from "./raw-events.ts";

test("the user actions that SQL counts are those of the event catalogue", () => {
  const marked = catalogue.filter(({ userAction }) => userAction).map(({ eventType }) => eventType);
  expect([...userActionTypes].sort()).toEqual(marked.sort());
});
