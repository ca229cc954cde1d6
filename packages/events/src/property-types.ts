import { z } from "zod";

/** The value schemas that the event families share. Lengths bound the cost of one event. */

/** No list of a property is longer than this, whatever its own schema says: checked before a schema walks it. */
export const listItemsMax = 20;

const text = /^[^\p{Cc}\p{Cs}]+$/u;
const textRule = "must be text without control characters and lone surrogates";

/** A closed word such as a genre, a channel or an error code. */
export const word = z.string().min(1).max(64).regex(text, textRule);
/** A name of low cardinality that may be a path: a route pattern, a screen, a metric. Never filled in with ids. */
export const label = z.string().min(1).max(256).regex(text, textRule);
export const words = z.array(word).max(listItemsMax);
export const genres = z.array(word).max(listItemsMax);
export const mediaType = z.enum(["movie", "tv"]);
export const count = z.int().nonnegative();
/** How many titles a room offers. It is summed: without a limit one event could make a sum too large to be exact. */
export const titleCountMax = 100_000;
export const titleCount = z.int().min(0).max(titleCountMax);
export const seats = z.int().min(1).max(1_000);
export const durationMs = z.int().nonnegative();
export const share = z.number().min(0).max(1);
export const flag = z.boolean();
export const releaseYear = z.int().min(1870).max(2200);

/**
 * A title. `movie:<id>` or `tv:<id>`, because TMDB numbers films and series separately; a bare number is qualified by the event's
 * `mediaType` when it is read. Ids of other sources stay as they are.
 */
export const contentId = z.string().regex(/^[\x21-\x7e]{1,64}$/, "must be 1 to 64 printable ASCII characters without spaces");

/** W3C Trace Context ids. All zeros means "no id", so it is not one. */
export const traceId = z.string().regex(/^(?!0{32}$)[0-9a-f]{32}$/, "must be 32 lower-case hex digits, not all zero");
export const spanId = z.string().regex(/^(?!0{16}$)[0-9a-f]{16}$/, "must be 16 lower-case hex digits, not all zero");
