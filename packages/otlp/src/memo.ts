const answersMax = 1_000;
const textCharactersMax = 256;

/** Caches results for texts that repeat, such as routes. It is cleared at its maximum size. */
export function memoised<Answer>(answerOf: (text: string) => Answer): (text: string) => Answer {
  const known = new Map<string, { readonly answer: Answer }>();
  return (text) => {
    if (text.length > textCharactersMax) return answerOf(text);
    const entry = known.get(text);
    if (entry !== undefined) return entry.answer;
    if (known.size === answersMax) known.clear();
    const answer = answerOf(text);
    known.set(text, { answer });
    return answer;
  };
}
