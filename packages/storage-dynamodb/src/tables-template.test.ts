import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { tableDefinitions } from "./tables.ts";
import { tablesTemplate } from "./tables-template.ts";

type Resource = { readonly DeletionPolicy: string; readonly Properties: Readonly<Record<string, unknown>> };

test("the checked-in template matches the tables: else run `npm run template -w @trinity/storage-dynamodb`", () => {
  const checkedIn = JSON.parse(readFileSync(new URL("../cloudformation.json", import.meta.url), "utf8"));
  expect(tablesTemplate()).toEqual(checkedIn);
});

test("every table has the prefix parameter, is billed per request, is recoverable, and outlives its stack", () => {
  const { Resources } = tablesTemplate() as { readonly Resources: Readonly<Record<string, Resource>> };
  const prefix = "$" + "{TablePrefix}";
  expect(Object.values(Resources).map(({ Properties }) => Properties["TableName"])).toEqual(
    tableDefinitions(prefix).map(({ TableName }) => ({ "Fn::Sub": TableName })),
  );
  for (const { DeletionPolicy, Properties } of Object.values(Resources)) {
    expect(DeletionPolicy).toBe("Retain");
    expect(Properties).toMatchObject({
      BillingMode: "PAY_PER_REQUEST",
      TimeToLiveSpecification: { AttributeName: "expiresAt", Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
  }
});
