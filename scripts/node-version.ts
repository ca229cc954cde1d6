const majorMin = 24;

/** @throws {Error} when the tests run on a Node that better-sqlite3 and type stripping do not support */
export function assertNodeVersion(version: string): void {
  const major = Number(version.split(".")[0]);
  if (major >= majorMin) return;
  throw new Error(
    `The tests need Node ${majorMin} or newer, this is ${version}: run them by \`npm test\`, which finds the Node that npm installed.`,
  );
}
