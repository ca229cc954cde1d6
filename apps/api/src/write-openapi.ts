import { writeFileSync } from "node:fs";
import { openApiDocument } from "./openapi-document.ts";
import { listProcedures } from "./procedure-list.ts";

writeFileSync(new URL("../openapi.json", import.meta.url), `${JSON.stringify(openApiDocument(listProcedures()), null, 2)}\n`);
