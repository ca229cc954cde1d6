import { expect, test } from "vitest";
import { z } from "zod";
import { catalogue, findDefinition } from "./catalogue.ts";
import { reservedAttributes } from "./otlp-attribute-names.ts";
import { listItemsMax } from "./property-types.ts";

const names = catalogue.flatMap(({ eventType, aliases }) => [eventType, ...aliases]);

test("no two event types share a name or an alias", () => {
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

test("names are lower-case words, which every transport carries", () => {
  expect(names.filter((name) => !/^[a-z]+(_[a-z]+)*$/.test(name))).toEqual([]);
});

test("every name finds its definition, and nothing else finds one", () => {
  expect(names.map((name) => findDefinition(name)?.eventType)).not.toContain(undefined);
  expect(["constructor", "__proto__", "", "vote"].map(findDefinition)).toEqual([undefined, undefined, undefined, undefined]);
});

const fields = catalogue.flatMap(({ eventType, fields }) =>
  Object.entries(fields).map(([name, field]) => ({ at: `${eventType}.${name}`, name, field, schema: z.toJSONSchema(field.schema) })),
);

test("a property is a text, a number, a flag or a list of texts: the types that the log can store", () => {
  const kinds = fields.map(({ schema }) => (schema.type === "array" ? `list of ${(schema.items as { type: string }).type}` : schema.type));
  expect([...new Set(kinds)].sort()).toEqual(["boolean", "integer", "list of string", "number", "string"]);
});

test("every text and list has a maximum length, so that the size of an event is bounded", () => {
  const unbounded = fields.filter(({ schema }) => {
    if (schema.type === "array") return (schema.maxItems ?? Number.POSITIVE_INFINITY) > listItemsMax;
    return (
      schema.type === "string" &&
      schema.enum === undefined &&
      schema.maxLength === undefined &&
      !/\{\d+(,\d+)?\}\$$/.test(schema.pattern ?? "")
    );
  });
  expect(unbounded.map(({ at }) => at)).toEqual([]);
});

test("no property has the name of an envelope field: its OTLP attribute would be read as that field", () => {
  expect(fields.filter(({ name }) => reservedAttributes.has(name) || name.includes(".")).map(({ at }) => at)).toEqual([]);
});

test("every field says why it is collected, and no field takes free text", () => {
  expect(fields.filter(({ field }) => field.purpose.length < 5 || field.privacy === "free-text").map(({ at }) => at)).toEqual([]);
});

test("only actions of people make users active: reports of machines are not user actions", () => {
  const machineOnly = catalogue.filter(({ senders }) => senders.every((sender) => sender === "otel" || sender === "derived"));
  expect(machineOnly.filter(({ userAction }) => userAction).map(({ eventType }) => eventType)).toEqual([]);
  const facts = [
    "match_found",
    "consensus_achieved",
    "room_started",
    "no_consensus",
    "room_completed",
    "title_shown",
    "cache_built",
    "error_occurred",
  ];
  expect(facts.map((name) => findDefinition(name)?.userAction)).toEqual(facts.map(() => false));
  const actions = ["vote_content", "join_room", "leave_room", "user_login", "room_created", "view_match", "share_content", "screen_view"];
  expect(actions.map((name) => findDefinition(name)?.userAction)).toEqual(actions.map(() => true));
});

test("no field identifies a person or may reveal health or belief", () => {
  expect(fields.filter(({ field }) => field.privacy === "identifier" || field.privacy === "sensitive").map(({ at }) => at)).toEqual([]);
});
