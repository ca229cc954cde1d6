import { parseSync, visitorKeys } from "oxc-parser";

/** One import, re-export, `import()` or type-level import. `specifier` is null when it is computed at run time. */
export type ModuleImport = { readonly specifier: string | null; readonly typeOnly: boolean; readonly line: number };
/** A use of something that a module did not import: a clock, chance, the process, the network. */
type AmbientUse = { readonly name: string; readonly line: number };
/** A member access: `a.name`, `a["name"]` or `{ name } = a`. `argumentsText` is null if it is not called directly. */
type MemberUse = { readonly name: string; readonly argumentsText: string | null; readonly line: number };
export type ModuleFacts = {
  readonly imports: readonly ModuleImport[];
  readonly ambientUses: readonly AmbientUse[];
  readonly memberUses: readonly MemberUse[];
};

type Node = { readonly type: string; readonly start: number } & Readonly<Record<string, unknown>>;
type Place = { readonly parent: Node; readonly key: string; readonly inType: boolean };

const watchedGlobals = new Set(
  `process performance fetch setTimeout setInterval setImmediate queueMicrotask console crypto globalThis global require eval
   WebSocket EventSource Worker BroadcastChannel MessageChannel Temporal`.split(/\s+/),
);
/** Members that only calculate; any other use of the two reads a clock or chance, or passes the object on. */
const calculatingMembers: Readonly<Record<string, (member: string) => boolean>> = {
  Date: (member) => ["UTC", "parse", "prototype"].includes(member),
  Math: (member) => member !== "random",
};
const typedExpressions = new Set([
  "TSAsExpression",
  "TSSatisfiesExpression",
  "TSNonNullExpression",
  "TSTypeAssertion",
  "TSInstantiationExpression",
]);

/**
 * Finds what a TypeScript module uses from outside itself.
 * @throws {SyntaxError} when the text does not parse
 */
export function readModuleFacts(path: string, text: string): ModuleFacts {
  const { program, errors } = parseSync(path, text);
  const [error] = errors;
  if (error !== undefined) throw new SyntaxError(`${path}: ${error.message}`);
  const imports: ModuleImport[] = [];
  const ambientUses: AmbientUse[] = [];
  const memberUses: MemberUse[] = [];
  const lineOf = (node: Node) => text.slice(0, node.start).split("\n").length;
  walk(program as unknown as Node, null, (node, place) => {
    const found = importOf(node);
    if (found !== null) imports.push({ ...found, line: lineOf(node) });
    const name = place === null ? null : ambientNameOf(node, place);
    if (name !== null) ambientUses.push({ name, line: lineOf(node) });
    const member = place === null ? null : memberNameOf(node, place);
    if (place !== null && member !== null)
      memberUses.push({ name: member, argumentsText: argumentsTextOf(place, text), line: lineOf(node) });
  });
  return { imports, ambientUses, memberUses };
}

function walk(node: Node, place: Place | null, visit: (node: Node, place: Place | null) => void): void {
  visit(node, place);
  const inType = place?.inType === true || (node.type.startsWith("TS") && !typedExpressions.has(node.type));
  for (const key of visitorKeys[node.type] ?? []) {
    const value = node[key];
    for (const child of Array.isArray(value) ? value : [value]) {
      if (child !== null && child !== undefined) walk(child as Node, { parent: node, key, inType }, visit);
    }
  }
}

function importOf(node: Node): Omit<ModuleImport, "line"> | null {
  switch (node.type) {
    case "ImportDeclaration":
      return { specifier: literal(node["source"]), typeOnly: isTypeOnly(node, "importKind") };
    case "ExportNamedDeclaration":
    case "ExportAllDeclaration":
      return node["source"] ? { specifier: literal(node["source"]), typeOnly: isTypeOnly(node, "exportKind") } : null;
    case "ImportExpression":
      return { specifier: literal(node["source"]), typeOnly: false };
    case "TSImportType":
      return { specifier: literal(node["source"]), typeOnly: true };
    default:
      return null;
  }
}

/** `import type …`, or every name with `type`: `import { type A }` loads the module but uses no value of it. */
function isTypeOnly(node: Node, kind: "importKind" | "exportKind"): boolean {
  const specifiers = (node["specifiers"] ?? []) as Node[];
  return node[kind] === "type" || (specifiers.length > 0 && specifiers.every((specifier) => specifier[kind] === "type"));
}

function literal(source: unknown): string | null {
  const value = (source as Node)["value"];
  return typeof value === "string" ? value : null;
}

/** @returns the member that a node accesses; null for other nodes and computed members */
function memberNameOf(node: Node, { parent, inType }: Place): string | null {
  const isTaken = node.type === "MemberExpression" || (node.type === "Property" && parent.type === "ObjectPattern");
  if (!isTaken || inType) return null;
  const key = (node["property"] ?? node["key"]) as Node;
  if (key.type === "Literal") return String(key["value"]);
  return key.type === "Identifier" && node["computed"] === false ? (key["name"] as string) : null;
}

/** @returns the text between the parentheses of the call; null if nothing is called */
function argumentsTextOf({ parent, key }: Place, text: string): string | null {
  if (parent.type !== "CallExpression" || key !== "callee") return null;
  const nodes = parent["arguments"] as readonly (Node & { readonly end: number })[];
  return text.slice(nodes[0]?.start ?? 0, nodes.at(-1)?.end ?? 0);
}

/** Scopes are not resolved: a local with the name of a watched global counts as a use, because it would mislead readers as well. */
function ambientNameOf(node: Node, { parent, key, inType }: Place): string | null {
  if (node.type !== "Identifier" || inType || isNameOnly(parent, key)) return null;
  const name = node["name"] as string;
  const isObject = parent.type === "MemberExpression" && key === "object";
  const member = isObject && parent["computed"] === false ? ((parent["property"] as Node)["name"] as string) : null;
  if (name === "process" && member === "env") return "process.env";
  if (watchedGlobals.has(name)) return name;
  const calculates = calculatingMembers[name];
  if (calculates === undefined) return null;
  if (member !== null) return calculates(member) ? null : `${name}.${member}`;
  if (name === "Date" && parent.type === "NewExpression" && key === "callee") {
    return (parent["arguments"] as unknown[]).length === 0 ? "new Date()" : null;
  }
  return parent.type === "BinaryExpression" && parent["operator"] === "instanceof" ? null : name;
}

/** True where an identifier is a label and no value: `a.process`, `{ process: 1 }`, a method's name, an imported name. */
function isNameOnly(parent: Node, key: string): boolean {
  if (parent.type === "MemberExpression") return key === "property" && parent["computed"] === false;
  if (["Property", "MethodDefinition", "PropertyDefinition", "AccessorProperty"].includes(parent.type)) {
    return key === "key" && parent["computed"] === false;
  }
  return /^(Import|Export)\w*Specifier$/.test(parent.type) || parent.type === "MetaProperty";
}
