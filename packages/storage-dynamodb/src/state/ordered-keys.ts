import { compareUtf8 } from "@trinity/storage/text-order";

type NamedPage<Content> = { readonly name: string; readonly content: Content };

/**
 * Puts what lies in pages into the order of keys. Every key begins with the name of its page, so once pages from a name on are to come,
 * all keys before that name are there.
 * @param first pages to begin with, in no order
 * @param pages in order of name
 */
export async function* orderedKeys<Content, Value extends { readonly key: string }>(
  first: readonly NamedPage<Content>[],
  pages: AsyncIterable<NamedPage<Content>>,
  valuesOf: (content: Content) => readonly Value[],
): AsyncGenerator<Value> {
  let waiting: Value[] = first.flatMap(({ content }) => valuesOf(content));
  const byKey = (a: Value, b: Value) => compareUtf8(a.key, b.key);
  waiting.sort(byKey);
  for await (const { name, content } of pages) {
    const isBehind = waiting.findIndex(({ key }) => compareUtf8(key, name) >= 0);
    const ready = isBehind === -1 ? waiting : waiting.slice(0, isBehind);
    yield* ready;
    const added = valuesOf(content);
    waiting = isBehind === -1 ? [...added].sort(byKey) : [...waiting.slice(isBehind), ...added].sort(byKey);
  }
  yield* waiting;
}
