/** Exits with 0 when the address answers with a 2xx within 4 s: the image has no curl. */
const response = await fetch(process.argv[2] ?? "", { signal: AbortSignal.timeout(4_000) });
process.exitCode = response.ok ? 0 : 1;
