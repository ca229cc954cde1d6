/**
 * How Node is started for ingest. By default each thread keeps up to 128 MiB of young objects: an eighth of that does not make it slower, and
 * ingest has several threads.
 */
export const ingestNodeArgs: readonly string[] = ["--max-semi-space-size=8"];
