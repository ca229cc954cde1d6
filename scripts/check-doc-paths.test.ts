import { expect, test } from "vitest";
import { deadCitations } from "./check-doc-paths.ts";

const files = ["README.md", "docs/scaling.md", "packages/events/src/event.ts", "packages/events/README.md"];
const tree = {
  exists: (path: string) => files.some((file) => file === path || file.startsWith(`${path.replace(/[/*]+$/, "")}/`)),
  scripts: new Set(["verify", "test", "types:watch"]),
};
const dead = (markdown: string, path = "README.md") => deadCitations(path, markdown, tree);

test.each([
  ["`packages/events/src/gone.ts`", "packages/events/src/gone.ts does not exist"],
  ["`docs/gone.md#part`", "docs/gone.md does not exist"],
  ["`scripts/`", "scripts/ does not exist"],
  ["`./gone.ts`", "./gone.ts does not exist"],
  ["`../gone/`", "../gone/ does not exist"],
  ["`src/gone.ts:12`", "src/gone.ts does not exist"],
  ["`packages/gone/*`", "packages/gone/* does not exist"],
  ["[scaling](docs/gone.md#arithmetic)", "docs/gone.md does not exist"],
  ['![picture](docs/gone.svg "A picture")', "docs/gone.svg does not exist"],
  ["[`docs/gone.md`](docs/scaling.md)", "docs/gone.md does not exist"],
  ["Run `npm run gone` first.", "npm script gone does not exist"],
  ["```bash\nnpm run -s gone:now -- --all\n```", "npm script gone:now does not exist"],
  ["npm start", "npm script start does not exist"],
])("a citation that leads nowhere is found: %s", (markdown, why) => {
  expect(dead(markdown)).toEqual([expect.stringContaining(`: ${why}`)]);
});

test.each([
  "`packages/events/src/event.ts`, `packages/events/`, `packages/*`, `docs/scaling.md:3`",
  "[scaling](docs/scaling.md#arithmetic) and [here](#part)",
  "[site](https://example.org/docs/gone.md), [mail](mailto:a@example.org)",
  "`POST /v1/events`, `/api/v1/metrics`, `@trinity/events/event`, `text/plain`, `movie:862`, `Europe/Madrid`, `a/b`, `apps/<name>/src`, `./event`",
  "```\ndocs/gone.md\n`docs/gone.md`\n```",
  "`npm run verify`, `npm run types:watch -- --all`, `npm test`, and so on.",
])("a citation that leads somewhere, or is no path, passes: %s", (markdown) => {
  expect(dead(markdown)).toEqual([]);
});

test("a path may be relative to its document", () => {
  expect(dead("`src/event.ts` and [up](../../docs/scaling.md)", "packages/events/README.md")).toEqual([]);
  expect(dead("[up](../docs/scaling.md)", "packages/events/README.md")).toHaveLength(1);
});

test("a dead citation names its document and line", () => {
  expect(dead("# Title\n\n`docs/gone.md`\n")).toEqual(["README.md:3: docs/gone.md does not exist"]);
});
