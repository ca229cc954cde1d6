/** Checks that `npm ci` accepts package-lock.json on any platform: `npm run lock`; `npm run lock -- --write` completes it. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Lock, missingPlatforms, withPlatforms } from "./lock-platforms.ts";

function main(): void {
  const path = join(import.meta.dirname, "../package-lock.json");
  let lock = JSON.parse(readFileSync(path, "utf8")) as Lock;
  if (process.argv.includes("--write")) {
    lock = withPlatforms(lock, missingPlatforms(lock));
    writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
  }
  const missing = missingPlatforms(lock);
  for (const { name, version } of missing) console.error(`package-lock.json: ${name}@${version} is missing, so npm ci will refuse it`);
  console.log(`lock: ${Object.keys(lock.packages).length} packages read, ${missing.length} missing`);
  if (missing.length === 0) return;
  console.error("Complete it: npm run lock -- --write");
  process.exitCode = 1;
}

if (import.meta.main) main();
