import { catalogue, eventFamilies } from "./catalogue.ts";
import type { EventDefinition } from "./define-event.ts";
import { contextCharactersMax, sourceCharactersMax } from "./event-context.ts";
import { rejectionCodes } from "./event-rejection.ts";
import { fieldType } from "./field-type.ts";
import { contextAttributes, envelopeAttributes, type FieldAttributes, sourceAttributes } from "./otlp-attribute-names.ts";

/** @returns the page `docs/events.md`: everything that a sender may send */
export function renderReferencePage(): string {
  return `${[introduction, envelope(), ...eventFamilies.map(({ title, events }) => family(title, events))].join("\n\n")}\n`;
}

const introduction = `# Events

This page is generated from the event catalogue (\`packages/events\`) by \`npm run reference -w @trinity/events\`; a test fails if the two differ.

${catalogue.length} event types. An event with a property that is not listed, or that has another type, is rejected with the path of the property.
An event type marked *additive* drops unlisted properties and counts them. Free text (names, messages, queries) is never collected, only its length.
Privacy classes: *plain* reveals nothing about a person; *quasi-identifier* narrows down who the person is. No property identifies a person or may
reveal health or belief.`;

function envelope(): string {
  const rows = [
    [
      "`eventId`",
      "1 to 64 printable ASCII characters, required",
      "identifies the event: it counts once, for ever",
      otlpOf(envelopeAttributes, "eventId"),
    ],
    ["`eventType`", "a name below, or an alias, required", "what happened", "EventName"],
    [
      "`timestamp`",
      "RFC 3339 with offset, or integer Unix milliseconds, required",
      "when the event happened, by the sender's clock",
      "Timestamp",
    ],
    ["`userId`", idType, "the user; pseudonymised before the log", otlpOf(envelopeAttributes, "userId")],
    ["`roomId`", idType, "the room; pseudonymised before the log", otlpOf(envelopeAttributes, "roomId")],
    ["`sessionId`", idType, "the session of the app; pseudonymised before the log", otlpOf(envelopeAttributes, "sessionId")],
    [
      "`sequence`",
      "integer from 0, or null",
      "orders events of a session with the same timestamp; if absent, their order in the request does",
      otlpOf(envelopeAttributes, "sequence"),
    ],
    ...textRows("context", contextCharactersMax, contextAttributes, contextPurposes),
    ...textRows("source", sourceCharactersMax, sourceAttributes, sourcePurposes),
  ];
  return [
    "## Envelope",
    table(["field", "type", "purpose", "OTLP log record"], rows),
    `Names that are not listed here are ignored. In OTLP, a property is the attribute of the same name. Attributes with a dot in
their name that the table does not list are dropped. Of several names the first that is present is used, on the log record before the resource.`,
    `An event is rejected with one of these codes: ${rejectionCodes.map(code).join(", ")}.`,
  ].join("\n\n");
}

const idType = "string of 1 to 256 characters, or null";

const contextPurposes: Readonly<Record<keyof typeof contextCharactersMax, string>> = {
  platform: "separates Android, iOS and web",
  deviceType: "separates phones from larger screens",
  appVersion: "which release of the app",
  locale: "which language and region",
  ageBand: "separates age groups",
  userAgent: "dropped before the log",
  ipAddress: "dropped before the log",
};

const sourcePurposes: Readonly<Record<keyof typeof sourceCharactersMax, string>> = {
  system: "which part of Trinity reports; `unknown` if absent",
  generation: "which generation of Trinity",
  component: "which function or service",
};

function textRows<Name extends string>(
  path: string,
  charactersMax: Readonly<Record<Name, number>>,
  attributes: readonly FieldAttributes[],
  purposes: Readonly<Record<Name, string>>,
): string[][] {
  return Object.entries<number>(charactersMax).map(([name, max]) => [
    code(`${path}.${name}`),
    `string of at most ${max} characters`,
    purposes[name as Name],
    otlpOf(attributes, name),
  ]);
}

function otlpOf(fields: readonly FieldAttributes[], name: string): string {
  const attributes = fields.find(({ field }) => field === name)?.attributes ?? [];
  return attributes.map(code).join(", ");
}

function family(title: string, events: readonly EventDefinition[]): string {
  return [`## ${title}`, ...events.map(eventSection)].join("\n\n");
}

function eventSection(definition: EventDefinition): string {
  const { eventType, version, description, senders, userAction, additive, aliases, fields } = definition;
  const facts = [
    `Version ${version}`,
    userAction ? "a user action" : "no user action",
    `from ${senders.join(", ")}`,
    ...(aliases.length > 0 ? [`also known as ${aliases.map(code).join(", ")}`] : []),
    ...(additive ? ["*additive*"] : []),
  ];
  const rows = Object.entries(fields).map(([name, field]) => [code(name), fieldType(field), field.privacy, field.purpose, code(name)]);
  const properties = rows.length > 0 ? table(["property", "type", "privacy", "purpose", "OTLP attribute"], rows) : "No properties.";
  return [`### ${eventType}`, description, `${facts.join("; ")}.`, properties].join("\n\n");
}

function code(text: string): string {
  return `\`${text}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows]
    .map((row) => `| ${row.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`)
    .join("\n");
}
