import { conformanceOnLocal } from "./conformance-on-local.testing.ts";
import { standardLayout } from "./layout.ts";

conformanceOnLocal("the store on DynamoDB", standardLayout, { fails: false });
