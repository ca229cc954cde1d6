import { writeFileSync } from "node:fs";
import { renderReferencePage } from "../src/reference-page.ts";

writeFileSync(new URL("../../../docs/metrics.md", import.meta.url), renderReferencePage());
