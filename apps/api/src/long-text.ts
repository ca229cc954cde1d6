import { Readable } from "node:stream";
import { setImmediate as round } from "node:timers/promises";

const charsAtOnce = 64 * 1024;

/**
 * @param pieces of a text, made as they are taken
 * @returns a short text as it is; a long one as a stream that makes the next piece when the reader takes it, and lets others work between two
 */
export function bodyOf(pieces: Iterable<string>): string | Readable {
  const larger = largerPieces(pieces);
  const first = larger.next();
  if (first.done === true) return "";
  const second = larger.next();
  return second.done === true ? first.value : Readable.from(spread(first.value, second.value, larger), { objectMode: false });
}

async function* spread(first: string, second: string, others: Generator<string>): AsyncGenerator<string> {
  try {
    yield first;
    yield second;
    for (const piece of others) {
      await round();
      yield piece;
    }
  } finally {
    // Where the reader left before the others began.
    others.return(undefined);
  }
}

function* largerPieces(pieces: Iterable<string>): Generator<string> {
  let [texts, chars]: [string[], number] = [[], 0];
  for (const piece of pieces) {
    texts.push(piece);
    chars += piece.length;
    if (chars < charsAtOnce) continue;
    yield texts.join("");
    [texts, chars] = [[], 0];
  }
  if (texts.length > 0) yield texts.join("");
}
