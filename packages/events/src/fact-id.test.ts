import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { factId } from "./fact-id.ts";

test("the same fact has the same id: 64 hex digits that reveal none of its components", () => {
  const id = factId("invite", "K7Q2ZD", "room-1");
  expect(id).toBe(factId("invite", "K7Q2ZD", "room-1"));
  expect(id).toMatch(/^[0-9a-f]{64}$/);
});

test("another kind or another component gives another id", () => {
  const ids = [
    factId("join", "r", "u"),
    factId("leave", "r", "u"),
    factId("join", "u", "r"),
    factId("join", "r"),
    factId("join", "r", "u", ""),
  ];
  expect(new Set(ids).size).toBe(ids.length);
});

test("a title counts by its bare id, so that a sender that does not know its kind reports the same fact", () => {
  expect(factId("vote", "r", "u", "862")).toBe(factId("vote", "r", "u", "movie:862"));
  expect(factId("vote", "r", "u", "862")).toBe(factId("vote", "r", "u", "tv:862"));
  expect(factId("vote", "r", "u", "movie:863")).not.toBe(factId("vote", "r", "u", "movie:862"));
});

test("it is the SHA-256 of the kind and the components, joined by colons", () => {
  const text = "join:7c1d3f0a:josé:2026-01-31T20:16:41.008Z";
  expect(factId("join", "7c1d3f0a", "josé", "2026-01-31T20:16:41.008Z")).toBe(createHash("sha256").update(text).digest("hex"));
});
