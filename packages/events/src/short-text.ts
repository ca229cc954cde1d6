/** True for a string of 1 to `charactersMax` UTF-16 units without control characters and lone surrogates (two of which would collide in UTF-8). */
export function isShortText(value: unknown, charactersMax: number): value is string {
  if (typeof value !== "string" || value.length === 0 || value.length > charactersMax) return false;
  // A loop, because on texts this short it takes half the time of a regular expression.
  for (let index = 0; index < value.length; index++) {
    const unit = value.charCodeAt(index);
    if (unit < 0x20 || (unit >= 0x7f && unit < 0xa0)) return false;
    if (unit >= 0xd800 && unit < 0xe000) return value.isWellFormed() && !controlCharacter.test(value);
  }
  return true;
}

const controlCharacter = /\p{Cc}/u;
