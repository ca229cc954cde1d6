import { expect, test } from "vitest";
import { treeViolations } from "./check-tree.ts";

// Built at run time: as literals they would break the rules that this file tests.
const path = (...segments: string[]) => ["", ...segments].join("/");
const registry = ["registry", "npmjs", "org"].join(".");

test.each([
  [`const data = "${path("home", "ana", "data")}";`, "names a path of one machine"],
  [`cd ${path("work", "main")}`, "names a path of one machine"],
  [`see ${path("root", ".cache")}`, "names a path of one machine"],
  [`(${path("Users", "ana", "x")})`, "names a path of one machine"],
  [`file:/${path("", "srv")}`, "names a path of one machine"],
  [`https://${registry}/zod`, "names a package registry"],
  [`npm ci --${"registry"} x`, "names a package registry"],
  [["registry", "http://localhost:4873"].join("="), "names a package registry"],
  [["_authToken", "abc"].join("="), "holds a registry credential"],
])("%s is found", (line, why) => {
  expect(treeViolations("docs/a.md", `first\n${line}`)).toEqual([`docs/a.md:2: ${why}`]);
});

test.each([
  "/api/v1/home",
  "https://example.org/home/ana",
  "./home/items",
  "WORKDIR /app",
  "the registry of alert rules",
  "/etc/grafana/provisioning",
])("%s passes", (line) => {
  expect(treeViolations("docs/a.md", line)).toEqual([]);
});

test("the lock file links workspaces and names no download address", () => {
  expect(treeViolations("package-lock.json", '"resolved": "packages/events",')).toEqual([]);
  for (const address of ["https://example.org/zod.tgz", "git+ssh://git@example.org/a.git", "file:../a"]) {
    expect(treeViolations("package-lock.json", `"resolved": "${address}"`)).toEqual(["package-lock.json:1: pins a download address"]);
  }
});
