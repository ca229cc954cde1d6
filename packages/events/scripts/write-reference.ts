import { writeFileSync } from "node:fs";
import { renderReferencePage } from "../src/reference-page.ts";

writeFileSync(new URL("../../../docs/events.md", import.meta.url), renderReferencePage());
