import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { LogChunk } from "@trinity/aggregation/log-chunk";
import { DamagedDataError } from "./event-store.ts";
import { JsonBytes } from "./json-bytes.ts";

/** A chunk of the log cannot be read back as it was written. A retry does not help: the log must be restored from a copy. */
export class CorruptChunkError extends DamagedDataError {
  override readonly name = "CorruptChunkError";
  readonly seq: number;
  constructor(seq: number, why: string, options?: ErrorOptions) {
    super(`chunk ${seq} of the log ${why}; restore the log from a copy`, options);
    this.seq = seq;
  }
}

// Level 1 gives most of the compression at a microsecond per event. The checksum detects any changed byte.
const settings = { params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 } };

const json = new JsonBytes();

/** @returns the chunk as bytes. They include its number, so that a body under another number is detected too. */
export function encodeChunk(chunk: LogChunk): Uint8Array {
  return zstdCompressSync(json.of(chunk), settings);
}

/** @throws {CorruptChunkError} when the bytes are not what `encodeChunk` returned for chunk `seq` */
export function decodeChunk(seq: number, body: Uint8Array): LogChunk {
  let chunk: LogChunk;
  try {
    chunk = JSON.parse(zstdDecompressSync(body).toString()) as LogChunk;
  } catch (error) {
    throw new CorruptChunkError(seq, "is damaged", { cause: error });
  }
  if (chunk.seq !== seq) throw new CorruptChunkError(seq, `holds chunk ${chunk.seq}`);
  return chunk;
}
