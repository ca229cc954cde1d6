import { writeFileSync } from "node:fs";
import { tablesTemplate } from "./tables-template.ts";

writeFileSync(new URL("../cloudformation.json", import.meta.url), `${JSON.stringify(tablesTemplate(), null, 2)}\n`);
