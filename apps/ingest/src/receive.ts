import { promisify } from "node:util";
import { gunzip, zstdDecompress } from "node:zlib";
import { createLimiter } from "@trinity/runtime/limiter";
import { type Failed, failed, ok, type Result } from "@trinity/runtime/result";
import type { Admitted } from "./admission.ts";
import type { IngestProblem } from "./ingest-problem.ts";

/** A body as it came over the wire, of a sender who may send. */
export type ReceivedBody = {
  readonly admitted: Admitted;
  readonly bytes: Buffer;
  /** The value of `Content-Encoding`. */
  readonly encoding: string | undefined;
};

type Inflate = (bytes: Buffer, bytesMax: number) => Promise<Buffer>;
const inflaters = { gzip: inflateGzip, zstd: inflateZstd } as const satisfies Record<string, Inflate>;

/** Bodies of all senders that are inflated at once; the others wait, still compressed. */
const inflating = createLimiter(4);

/** A frame costs its sender nine bytes and us an iteration of the event loop; a sender that flushes often writes some hundreds. */
const zstdFramesMax = 1_000;

/** Takes a body out of its content encoding, and stops where it would outgrow the limit. */
export async function receive(
  { bytes, encoding }: Omit<ReceivedBody, "admitted">,
  bytesMax: number,
): Promise<Result<Buffer, IngestProblem>> {
  const name = (encoding ?? "identity").trim().toLowerCase();
  if (name === "identity" || name === "") return bytes.length > bytesMax ? tooLarge(bytesMax) : ok(bytes);
  if (name !== "gzip" && name !== "zstd") {
    return failed({
      kind: "unsupported_encoding",
      permanent: true,
      detail: "Content-Encoding must be gzip, zstd or identity, and only one of them.",
    });
  }
  return inflating(() => inflate(bytes, name, bytesMax));
}

async function inflate(bytes: Buffer, name: keyof typeof inflaters, bytesMax: number): Promise<Result<Buffer, IngestProblem>> {
  try {
    return ok(await inflaters[name](bytes, bytesMax));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") return tooLarge(bytesMax);
    return failed({ kind: "malformed_body", permanent: true, detail: `The body is not valid ${name}.` });
  }
}

const gunzipOnce = promisify(gunzip);
const zstdFrame = promisify(zstdDecompress) as unknown as (
  bytes: Buffer,
  options: { readonly maxOutputLength: number; readonly info: true },
) => Promise<{ readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } }>;

function inflateGzip(bytes: Buffer, bytesMax: number): Promise<Buffer> {
  return gunzipOnce(bytes, { maxOutputLength: bytesMax });
}

/** RFC 8878, 3.1: frames may follow one another. Node inflates the first and ignores the rest, which would be lost. */
async function inflateZstd(bytes: Buffer, bytesMax: number): Promise<Buffer> {
  const frames: Buffer[] = [];
  let inflatedBytes = 0;
  let at = 0;
  do {
    if (frames.length === zstdFramesMax) throw new RangeError("too many frames");
    const { buffer, engine } = await zstdFrame(bytes.subarray(at), { maxOutputLength: Math.max(1, bytesMax - inflatedBytes), info: true });
    frames.push(buffer);
    inflatedBytes += buffer.length;
    at += engine.bytesWritten;
    if (inflatedBytes > bytesMax) throw Object.assign(new RangeError("too many bytes"), { code: "ERR_BUFFER_TOO_LARGE" });
  } while (at < bytes.length);
  return Buffer.concat(frames);
}

function tooLarge(bytesMax: number): Failed<IngestProblem> {
  return failed({
    kind: "too_large",
    permanent: true,
    detail: `The body may have ${bytesMax} bytes once it is inflated: split the batch.`,
  });
}
