import { StoreUnavailableError } from "@trinity/storage/event-store";
import { openMemoryLeaseStore } from "@trinity/storage-memory/memory-lease-store";
import { expect, test } from "vitest";
import { agreesOnPseudonyms, knowsPseudonyms } from "./agreed-pseudonyms.ts";

test("the first process registers its secret; others agree if they have the same, and never change it", async () => {
  const leases = openMemoryLeaseStore();
  expect(await agreesOnPseudonyms(leases, "one", "a", 0)).toBe(true);
  expect(await agreesOnPseudonyms(leases, "two", "b", 0)).toBe(false);
  expect(await agreesOnPseudonyms(leases, "one", "c", 0)).toBe(true);
});

test("while another process registers its secret, the comparison can be retried", async () => {
  const leases = openMemoryLeaseStore();
  await leases.acquire("pseudonym-key", "a", 100, 0);
  await expect(agreesOnPseudonyms(leases, "one", "b", 50)).rejects.toBeInstanceOf(StoreUnavailableError);
  expect(await agreesOnPseudonyms(leases, "one", "b", 100)).toBe(true);
});

test("a process that only reads agrees once the secret is registered, and registers nothing", async () => {
  const leases = openMemoryLeaseStore();
  expect(await knowsPseudonyms(leases, "two")).toBe(false);
  expect(await agreesOnPseudonyms(leases, "one", "a", 0)).toBe(true);
  expect(await knowsPseudonyms(leases, "one")).toBe(true);
  expect(await knowsPseudonyms(leases, "two")).toBe(false);
});
