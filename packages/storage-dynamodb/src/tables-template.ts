import { expiryAttribute, tableDefinitions, tableNames } from "./tables.ts";

/** CloudFormation's syntax for a parameter in a string. */
const prefixParameter = ["$", "{TablePrefix}"].join("");

/** @returns the tables as a CloudFormation template, with the prefix of their names as parameter */
export function tablesTemplate(): object {
  return {
    AWSTemplateFormatVersion: "2010-09-09",
    Description: "The tables of Trinity Analytics.",
    Parameters: {
      TablePrefix: {
        Type: "String",
        Default: "trinity-analytics-",
        AllowedPattern: "[A-Za-z0-9_.-]*",
        Description: "Prefix of the table names; set TRINITY_TABLE_PREFIX of the processes to the same.",
      },
    },
    Resources: Object.fromEntries(
      tableDefinitions(prefixParameter).map(({ TableName, ...definition }, i) => [
        logicalIdOf(tableNames[i] as string),
        {
          Type: "AWS::DynamoDB::Table",
          // Keeps the data when the stack is deleted or a table in it is renamed.
          DeletionPolicy: "Retain",
          UpdateReplacePolicy: "Retain",
          Properties: {
            TableName: { "Fn::Sub": TableName },
            ...definition,
            TimeToLiveSpecification: { AttributeName: expiryAttribute, Enabled: true },
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          },
        },
      ]),
    ),
  };
}

function logicalIdOf(table: string): string {
  return `${(table[0] as string).toUpperCase()}${table.slice(1)}Table`;
}
