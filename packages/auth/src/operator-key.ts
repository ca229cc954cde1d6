import { failed, ok, type Result } from "@trinity/runtime/result";
import { type ApiKeyDetails, type ApiKeyRecord, recordOf } from "./api-key.ts";

const charsMin = 16;
const charsMax = 256;

/**
 * Parses a key that an operator chose for an environment variable such as `TRINITY_ADMIN_KEY`.
 * @returns its record, or the problem: a phrase to follow the variable's name, which never repeats the value
 */
export function parseOperatorKey(text: string, details: ApiKeyDetails): Result<ApiKeyRecord, string> {
  if (text.length < charsMin || text.length > charsMax) {
    return failed(`must have ${charsMin} to ${charsMax} characters`);
  }
  // Other characters may be changed in a header.
  if (!/^[\x21-\x7e]+$/.test(text)) return failed("may only contain printable ASCII characters without spaces");
  return ok(recordOf(text, details));
}
