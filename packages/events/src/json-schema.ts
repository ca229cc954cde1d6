import { z } from "zod";
import { catalogue } from "./catalogue.ts";
import type { EventDefinition } from "./define-event.ts";
import { contextCharactersMax, sourceCharactersMax } from "./event-context.ts";

/** JSON Schema, draft 2020-12, as plain data. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** The maximum number of events in one batch. */
const batchEventsMax = 1_000;

/** @returns the schema of the properties of one event type */
function propertiesSchema(definition: EventDefinition): JsonSchema {
  // `input`: what a sender may send. zod then does not say which properties are rejected or dropped, so we add that here.
  const { $schema: _, ...schema } = z.toJSONSchema(definition.properties, { io: "input" });
  return { ...schema, additionalProperties: definition.additive };
}

/** @returns the schema of one event: the envelope, and for each event type its properties */
function eventSchema(): JsonSchema {
  return {
    type: "object",
    required: ["eventId", "eventType", "timestamp"],
    properties: envelopeSchemas,
    oneOf: catalogue.map(branchOf),
  };
}

/** @returns the schema of the body of `POST /v1/events`, complete in itself */
export function batchSchema(): JsonSchema {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "A batch of Trinity Analytics events",
    type: "object",
    required: ["events"],
    properties: { events: { type: "array", maxItems: batchEventsMax, items: { $ref: "#/$defs/event" } } },
    $defs: {
      event: eventSchema(),
      ...Object.fromEntries(catalogue.map((definition) => [definition.eventType, propertiesSchema(definition)])),
    },
  };
}

const id = { type: ["string", "null"], minLength: 1, maxLength: 256 };

const envelopeSchemas = {
  eventId: { type: "string", pattern: "^[\\x20-\\x7e]{1,64}$" },
  eventType: { type: "string" },
  timestamp: {
    anyOf: [
      { type: "string", format: "date-time" },
      { type: "integer", description: "Unix milliseconds" },
    ],
  },
  userId: id,
  roomId: id,
  sessionId: id,
  sequence: { type: ["integer", "null"], minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
  properties: { type: "object" },
  context: textsSchema(contextCharactersMax),
  source: textsSchema(sourceCharactersMax),
};

function textsSchema(charactersMax: Readonly<Record<string, number>>): JsonSchema {
  const properties = Object.entries(charactersMax).map(([name, maxLength]) => [name, { type: ["string", "null"], maxLength }]);
  return { type: ["object", "null"], properties: Object.fromEntries(properties) };
}

function branchOf(definition: EventDefinition): JsonSchema {
  const schema = propertiesSchema(definition);
  return {
    description: definition.description,
    ...(schema["required"] === undefined ? {} : { required: ["properties"] }),
    properties: {
      eventType: { enum: [definition.eventType, ...definition.aliases] },
      properties: { $ref: `#/$defs/${definition.eventType}` },
    },
  };
}
