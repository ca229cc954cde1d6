/** The steps of a session from depth 0 on, up to the depth that is shown; `goesOn` if there are more. */
export type Path = { readonly steps: readonly string[]; readonly goesOn: boolean };
/** A path, and how many sessions have it. */
export type CountedPath = Path & { readonly sessions: number };

/**
 * `step`: one name. `other`: all rarer names of a depth. `end`: the path ends. `beyond`: the path has more steps than are shown.
 * If paths are read backwards, `end` and `beyond` are about the steps before.
 */
type PathNodeKind = "step" | "other" | "end" | "beyond";
type PathNode = {
  readonly id: string;
  readonly depth: number;
  readonly kind: PathNodeKind;
  /** The name of the step; for other kinds, the kind. */
  readonly name: string;
  readonly sessions: number;
};
type PathLink = { readonly source: string; readonly target: string; readonly sessions: number };

/** The data of a Sankey diagram. */
export type PathGraph = { readonly nodes: readonly PathNode[]; readonly links: readonly PathLink[] };

export type PathGraphSettings = {
  /** The maximum number of names at each depth: the most frequent; of equally frequent names, the first in text order. */
  readonly nodesMax: number;
  /** Whether paths are read backwards. Links point forward in time, so then they go from the deeper node to the shallower one. */
  readonly backwards: boolean;
};

const kindOrder: readonly PathNodeKind[] = ["step", "other", "end", "beyond"];

/**
 * Merges paths into a graph. Every path has one node at each of its depths and ends in an `end` or `beyond` node. So as many sessions leave a
 * node as enter it, and each path counts once at depth 0.
 * @param paths each with at least one step; equal ones may be there more than once
 * @returns nodes by depth, with steps by descending frequency and then the other kinds; links in the order of their nodes
 */
export function pathGraph(paths: readonly CountedPath[], { nodesMax, backwards }: PathGraphSettings): PathGraph {
  const shown = shownNames(paths, nodesMax);
  const nodes = new Map<string, PathNode>();
  const links = new Map<string, Map<string, number>>();
  for (const path of paths) {
    const through = nodesOf(path, shown);
    for (const node of through) nodes.set(node.id, { ...node, sessions: (nodes.get(node.id)?.sessions ?? 0) + path.sessions });
    for (const [i, deeper] of through.slice(1).entries()) {
      const pair = [through[i] as Place, deeper];
      const [source, target] = (backwards ? pair.reverse() : pair).map(({ id }) => id) as [string, string];
      const from = links.get(source) ?? new Map<string, number>();
      links.set(source, from.set(target, (from.get(target) ?? 0) + path.sessions));
    }
  }
  const sorted = [...nodes.values()].sort(byPlace);
  const between = sorted.flatMap(({ id: source }) =>
    sorted.flatMap(({ id: target }) => {
      const sessions = links.get(source)?.get(target);
      return sessions === undefined ? [] : [{ source, target, sessions }];
    }),
  );
  return { nodes: sorted, links: between };
}

type Place = Omit<PathNode, "sessions">;

function nodesOf({ steps, goesOn }: Path, shown: readonly ReadonlySet<string>[]): readonly Place[] {
  const places = steps.map((name, depth) => (shown[depth]?.has(name) ? placeOf(depth, "step", name) : placeOf(depth, "other")));
  return [...places, placeOf(steps.length, goesOn ? "beyond" : "end")];
}

// The kind is in the id: a screen may be called "other".
function placeOf(depth: number, kind: PathNodeKind, name: string = kind): Place {
  return { id: kind === "step" ? `${depth}/step/${name}` : `${depth}/${kind}`, depth, kind, name };
}

/** @returns for each depth, the names that have a node of their own */
function shownNames(paths: readonly CountedPath[], nodesMax: number): readonly ReadonlySet<string>[] {
  const counts: Map<string, number>[] = [];
  for (const { steps, sessions } of paths) {
    for (const [depth, name] of steps.entries()) {
      const atDepth = (counts[depth] ??= new Map<string, number>());
      atDepth.set(name, (atDepth.get(name) ?? 0) + sessions);
    }
  }
  return counts.map((atDepth) => {
    const ranked = [...atDepth].sort(([a, m], [b, n]) => n - m || byText(a, b));
    return new Set(ranked.slice(0, nodesMax).map(([name]) => name));
  });
}

function byPlace(a: PathNode, b: PathNode): number {
  return a.depth - b.depth || kindOrder.indexOf(a.kind) - kindOrder.indexOf(b.kind) || b.sessions - a.sessions || byText(a.name, b.name);
}

function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
