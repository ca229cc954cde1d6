import { expiryAttribute, tableDefinitions, tableNames } from "./tables.ts";

/** How CloudFormation writes the place of a parameter in a text. */
const prefixPlace = ["$", "{TablePrefix}"].join("");

/** @returns the tables as a CloudFormation template, with what their names begin with as its parameter */
export function tablesTemplate(): object {
  return {
    AWSTemplateFormatVersion: "2010-09-09",
    Description: "The tables of Trinity Analytics.",
    Parameters: {
      TablePrefix: {
        Type: "String",
        Default: "trinity-analytics-",
        AllowedPattern: "[A-Za-z0-9_.-]*",
        Description: "What the names of the tables begin with; the processes are told by TRINITY_TABLE_PREFIX.",
      },
    },
    Resources: Object.fromEntries(
      tableDefinitions(prefixPlace).map(({ TableName, ...definition }, i) => [
        logicalIdOf(tableNames[i] as string),
        {
          Type: "AWS::DynamoDB::Table",
          // Deleting the stack, or renaming a table in it, leaves the data.
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
