/** A path or npm script that a Markdown text names, with its line. */
export type Citation = { readonly text: string; readonly line: number };

const codeExtension = /\.(ts|tsx|mts|mjs|md|sql|ya?ml|json|proto|sh|css|toml)$/;
const topFolders = /^(apps|packages|scripts|docs|bench|deploy|\.ci|\.github)\//;

/**
 * The paths that a document cites in links and in backticks outside fenced blocks. A link is always a path unless it is an address;
 * in backticks it must start in a top folder, or have a folder and an extension that our files have, or start with a dot and end with a slash.
 */
export function citedPaths(markdown: string): Citation[] {
  return proseLines(markdown).flatMap(({ text, line }) => {
    const links = [...text.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)].map((match) => withoutAnchor(match[1] ?? ""));
    const codes = [...text.replace(/\]\([^)]*\)/g, "]").matchAll(/`([^`]+)`/g)].map((match) => withoutPosition(match[1] ?? ""));
    const paths = [...links.filter((link) => link !== "" && !/^[a-z][a-z0-9+.-]*:/i.test(link)), ...codes.filter(looksLikePath)];
    return paths.map((path) => ({ text: path, line }));
  });
}

/** The npm scripts that a document names, fenced blocks included: `npm run x`, `npm test`, `npm start`. */
export function citedScripts(markdown: string): Citation[] {
  return markdown.split("\n").flatMap((text, index) => {
    const named = [...text.matchAll(/\bnpm run (?:(?:-s|--silent|(?:-w|--workspace)[ =]\S+) )*([a-z][\w:.-]*\w)/g)].map(
      (match) => match[1] ?? "",
    );
    const standing = [...text.matchAll(/\bnpm (test|start)\b/g)].map((match) => match[1] ?? "");
    return [...named, ...standing].map((script) => ({ text: script, line: index + 1 }));
  });
}

function proseLines(markdown: string): Citation[] {
  let fence: string | null = null;
  return markdown.split("\n").flatMap((text, index) => {
    const mark = /^\s*(```+|~~~+)/.exec(text)?.[1] ?? null;
    if (mark !== null && (fence === null || mark.startsWith(fence))) {
      fence = fence === null ? mark : null;
      return [];
    }
    return fence === null ? [{ text, line: index + 1 }] : [];
  });
}

function looksLikePath(code: string): boolean {
  if (/[\s<>…|=()"'$@]|^https?:|\/\//.test(code) || code.startsWith("/") || code.startsWith("~")) return false;
  // Without an extension, `./event` is the subpath that a package exports, not a file.
  return topFolders.test(code) || (code.includes("/") && codeExtension.test(code)) || /^\.\.?\/.*\/$/.test(code);
}

const withoutAnchor = (link: string) => link.replace(/[?#].*$/, "");
const withoutPosition = (code: string) => code.replace(/[#:]L?\d+(-L?\d+)?$/, "").replace(/#.*$/, "");
