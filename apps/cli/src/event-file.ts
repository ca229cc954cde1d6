import { closeSync, createReadStream, openSync, readSync, statSync } from "node:fs";
import type { Readable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";

/** A file that cannot be imported, or only up to a line. The message names the problem and the remedy; it shows no value of the file. */
export class FileError extends Error {
  override readonly name: string = "FileError";
}

/** The bytes of a file, decompressed. */
export type OpenedFile = { readonly bytes: Readable; readonly bytesTotal: number; readonly bytesRead: () => number };

/** Recognises the format by the first bytes: the name of a file may be wrong. */
const signatures: readonly { readonly bytes: readonly number[]; readonly name: string; readonly unpack?: () => NodeJS.ReadWriteStream }[] =
  [
    { bytes: [0x1f, 0x8b], name: "gzip", unpack: createGunzip },
    { bytes: [0x28, 0xb5, 0x2f, 0xfd], name: "zstd", unpack: createZstdDecompress },
    { bytes: [0x50, 0x4b, 0x03, 0x04], name: "zip" },
    { bytes: [0x42, 0x5a, 0x68], name: "bzip2" },
    { bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a], name: "xz" },
    { bytes: [0x50, 0x41, 0x52, 0x31], name: "Parquet" },
  ];

/** @throws {FileError} for a path that is no readable file */
export function openEventFile(path: string): OpenedFile {
  const { bytesTotal, beginning } = lookAt(path);
  const signature = signatures.find(({ bytes }) => beginning.subarray(0, bytes.length).equals(Buffer.from(bytes)));
  if (signature !== undefined && signature.unpack === undefined)
    throw new FileError(`is ${signature.name}: unpack it to JSON Lines or CSV first; gzip and zstd are unpacked here`);
  const file = createReadStream(path);
  const unpack = signature?.unpack?.();
  // A pipe does not pass an error on: without this, a failing file would never end.
  if (unpack !== undefined) file.on("error", (error) => (unpack as unknown as Readable).destroy(error));
  return { bytes: (unpack === undefined ? file : file.pipe(unpack)) as Readable, bytesTotal, bytesRead: () => file.bytesRead };
}

function lookAt(path: string): { readonly bytesTotal: number; readonly beginning: Buffer } {
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) throw new FileError("is a folder: name a file in it");
    // Bytes that are read from a pipe to detect its format would be missing later.
    return { bytesTotal: stat.size, beginning: stat.isFile() ? beginningOf(path) : Buffer.alloc(0) };
  } catch (error) {
    throw error instanceof FileError ? error : new FileError(openProblem(error as NodeJS.ErrnoException), { cause: error });
  }
}

function beginningOf(path: string): Buffer {
  const descriptor = openSync(path, "r");
  try {
    const beginning = Buffer.alloc(8);
    return beginning.subarray(0, readSync(descriptor, beginning));
  } finally {
    closeSync(descriptor);
  }
}

function openProblem({ code, message }: NodeJS.ErrnoException): string {
  if (code === "ENOENT" || code === "ENOTDIR") return "there is no such file: check the path";
  if (code === "EACCES" || code === "EPERM") return "this user may not read it: check its permissions";
  return `cannot be read: ${message}`;
}

/** The error for a file that fails while it is read. */
export function readProblem(error: unknown): unknown {
  const { code = "", message } = error as NodeJS.ErrnoException;
  // zlib uses these codes for truncated files as well as for damaged ones.
  if (/^Z_|^ZSTD_|^ERR__?ZSTD/.test(code))
    return new FileError("the compressed data is damaged or cut short: copy or pack the file again", { cause: error });
  return /^E[A-Z]+$/.test(code) ? new FileError(`cannot be read on: ${message}`, { cause: error }) : error;
}
