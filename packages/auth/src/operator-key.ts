import { type ApiKeyDetails, type ApiKeyRecord, recordOf } from "./api-key.ts";

export type OperatorKey =
  | { readonly ok: true; readonly record: ApiKeyRecord }
  /** `reason` reads after the variable's name and never repeats the value. */
  | { readonly ok: false; readonly reason: string };

const charsMin = 16;
const charsMax = 256;

/** Takes a key that an operator chose for an environment variable such as `TRINITY_ADMIN_KEY`. */
export function parseOperatorKey(text: string, details: ApiKeyDetails): OperatorKey {
  if (text.length < charsMin || text.length > charsMax) {
    return { ok: false, reason: `must have ${charsMin} to ${charsMax} characters` };
  }
  // A header carries nothing else without being changed on the way.
  if (!/^[\x21-\x7e]+$/.test(text)) return { ok: false, reason: "may only contain printable ASCII characters without spaces" };
  return { ok: true, record: recordOf(text, details) };
}
