import { compareUtf8 } from "@trinity/storage/text-order";

type NamedPage<Content> = { readonly name: string; readonly content: Content };

/**
 * Sorts the values of pages by key. A key begins with the name of its page, so all keys before the name of the next page are complete.
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
    const firstAfter = waiting.findIndex(({ key }) => compareUtf8(key, name) >= 0);
    const ready = firstAfter === -1 ? waiting : waiting.slice(0, firstAfter);
    yield* ready;
    const added = valuesOf(content);
    waiting = firstAfter === -1 ? [...added].sort(byKey) : [...waiting.slice(firstAfter), ...added].sort(byKey);
  }
  yield* waiting;
}
