import { promisify } from "node:util";
import { gunzip, zstdDecompress } from "node:zlib";
import type { IngestProblem } from "./ingest-problem.ts";

/** A body as it came over the wire, of a sender who may send. */
export type ReceivedBody = {
  readonly bytes: Buffer;
  /** The value of `Content-Encoding`. */
  readonly encoding: string | undefined;
};

const inflaters = { gzip: promisify(gunzip), zstd: promisify(zstdDecompress) } as const;

/** So many bodies are inflated at once; the others wait for their turn, still small. */
const inflatingMax = 4;
let inflating = 0;
const waiting: (() => void)[] = [];

/** Takes a body out of its content encoding, and stops where it would outgrow the limit. */
export async function receive({ bytes, encoding }: ReceivedBody, bytesMax: number): Promise<Buffer | IngestProblem> {
  const name = (encoding ?? "identity").trim().toLowerCase();
  if (name === "identity" || name === "") return bytes.length > bytesMax ? tooLarge(bytesMax) : bytes;
  if (name !== "gzip" && name !== "zstd") {
    return {
      kind: "unsupported_encoding",
      permanent: true,
      detail: "Content-Encoding must be gzip, zstd or identity, and only one of them.",
    };
  }
  return inflate(bytes, name, bytesMax);
}

async function inflate(bytes: Buffer, name: keyof typeof inflaters, bytesMax: number): Promise<Buffer | IngestProblem> {
  if (inflating >= inflatingMax) await new Promise<void>((resolve) => waiting.push(resolve));
  inflating += 1;
  try {
    return await inflaters[name](bytes, { maxOutputLength: bytesMax });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") return tooLarge(bytesMax);
    return { kind: "malformed_body", permanent: true, detail: `The body is not valid ${name}.` };
  } finally {
    inflating -= 1;
    waiting.shift()?.();
  }
}

function tooLarge(bytesMax: number): IngestProblem {
  return { kind: "too_large", permanent: true, detail: `The body may have ${bytesMax} bytes once it is inflated: split the batch.` };
}
