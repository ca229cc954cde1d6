import { expect, test } from "vitest";
import { missingPlatforms, withPlatforms } from "./lock-platforms.ts";

const tool = (optionalDependencies: Record<string, string>) => ({ version: "1.2.3", dev: true, optionalDependencies });
const lockOf = (optionalDependencies: Record<string, string>, more: Record<string, object> = {}) => ({
  packages: { "": {}, "node_modules/tool": tool(optionalDependencies), ...more },
});

test("a lock with every platform is complete", () => {
  expect(missingPlatforms(lockOf({ "@tool/linux-x64": "1.2.3" }, { "node_modules/@tool/linux-x64": { version: "1.2.3" } }))).toEqual([]);
  expect(missingPlatforms(lockOf({ "tool-aix": "1.2.3" }, { "node_modules/tool/node_modules/tool-aix": { version: "1.2.3" } }))).toEqual(
    [],
  );
});

test.each([
  ["@tool/cli-darwin-arm64", { cpu: ["arm64"], os: ["darwin"] }],
  ["@tool/windows-64", { cpu: ["x64"], os: ["win32"] }],
  ["@tool/binding-linux-x64-gnu", { cpu: ["x64"], os: ["linux"], libc: ["glibc"] }],
  ["@tool/binding-linux-arm-musleabihf", { cpu: ["arm"], os: ["linux"], libc: ["musl"] }],
])("%s is completed with its platform, so that no other one installs it", (name, platform) => {
  const lock = lockOf({ [name]: "1.2.3" });
  const completed = withPlatforms(lock, missingPlatforms(lock));
  expect(completed.packages[`node_modules/${name}`]).toEqual({ version: "1.2.3", dev: true, optional: true, ...platform });
  expect(missingPlatforms(completed)).toEqual([]);
});

test("a package whose platform is unknown stays missing", () => {
  const lock = lockOf({ fsnotify: "1.2.3", "@tool/darwin-x64": "^1.0.0" });
  expect(missingPlatforms(lock).map(({ entry }) => entry)).toEqual([null, null]);
  expect(withPlatforms(lock, missingPlatforms(lock))).toEqual(lock);
});
