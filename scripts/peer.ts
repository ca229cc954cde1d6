import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

type Environment = { readonly CI?: string | undefined; readonly PATH?: string | undefined };

/**
 * Whether a program that a test runs is installed, for `test.skipIf(!hasPeer("promtool", process.env))`.
 * A developer may lack one: the test is skipped, and the end of the run says why. CI may not.
 * @throws {Error} under CI, when the program is missing
 */
export function hasPeer(command: string, environment: Environment): boolean {
  if (isOnPath(command, environment.PATH ?? "")) return true;
  const message = `${command} is not installed: scripts/install-peers.sh`;
  if (environment.CI) throw new Error(message);
  console.warn(`skipped: ${message}`);
  return false;
}

function isOnPath(command: string, path: string): boolean {
  return path.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
