import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";

// Written bytes are paid for, and compression is cheap: level 3 gives a fifth fewer bytes than level 1 here. The checksum detects damage.
const settings = { params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 } };

/** Compresses a value as JSON. */
export function packed(value: unknown): Uint8Array {
  return zstdCompressSync(JSON.stringify(value), settings);
}

/** @throws when the bytes are not from `packed` */
export function unpacked(bytes: Uint8Array): unknown {
  return JSON.parse(zstdDecompressSync(bytes).toString());
}
