import { StoreUnavailableError } from "@trinity/storage/event-store";
import { openMemoryLeaseStore } from "@trinity/storage-memory/memory-lease-store";
import { expect, test } from "vitest";
import { agreesOnPseudonyms, knowsPseudonyms } from "./agreed-pseudonyms.ts";

test("the first process decides; others with its secret agree, others with another do not, and do not change that", async () => {
  const leases = openMemoryLeaseStore();
  expect(await agreesOnPseudonyms(leases, "one", "a", 0)).toBe(true);
  expect(await agreesOnPseudonyms(leases, "two", "b", 0)).toBe(false);
  expect(await agreesOnPseudonyms(leases, "one", "c", 0)).toBe(true);
});

test("while another process is the first one just now, it is asked again later", async () => {
  const leases = openMemoryLeaseStore();
  await leases.acquire("pseudonym-key", "a", 100, 0);
  await expect(agreesOnPseudonyms(leases, "one", "b", 50)).rejects.toBeInstanceOf(StoreUnavailableError);
  expect(await agreesOnPseudonyms(leases, "one", "b", 100)).toBe(true);
});

test("who only looks knows the secret once the first process has written it down, and decides nothing", async () => {
  const leases = openMemoryLeaseStore();
  expect(await knowsPseudonyms(leases, "two")).toBe(false);
  expect(await agreesOnPseudonyms(leases, "one", "a", 0)).toBe(true);
  expect(await knowsPseudonyms(leases, "one")).toBe(true);
  expect(await knowsPseudonyms(leases, "two")).toBe(false);
});
