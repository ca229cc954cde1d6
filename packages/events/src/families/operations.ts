import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { plain } from "../property-field.ts";
import { count, durationMs, flag, label, word } from "../property-types.ts";

/** Errors and measurements of Trinity's own code, from its loggers. Error messages embed ids, so only codes and classes are kept. */

const operation = plain(label.optional(), "which operation, by name");
const circuitState = plain(z.enum(["closed", "open", "half_open"]).optional(), "whether a circuit breaker is open");
const retryCount = plain(count.optional(), "how many times the operation was retried");

const errorOccurred = defineEvent({
  eventType: "error_occurred",
  description: "An operation failed.",
  senders: ["lambda", "app", "nestjs"],
  userAction: false,
  fields: {
    code: plain(word, "which failure"),
    category: plain(word.optional(), "the class of the failure"),
    operation,
    fatal: plain(flag.optional(), "whether the app crashed"),
    durationMs: plain(durationMs.optional(), "how long it took to fail"),
    retryCount,
    circuitState,
  },
});

const apiRequest = defineEvent({
  eventType: "api_request",
  description: "A request was answered; for senders that report no span of it.",
  senders: ["lambda", "app", "nestjs"],
  userAction: false,
  additive: true,
  fields: {
    operation,
    category: plain(word.optional(), "the class of the failure, if it failed"),
    code: plain(word.optional(), "which failure"),
    failed: plain(flag.optional(), "how often requests fail"),
    durationMs: plain(durationMs.optional(), "how long requests take"),
    retryCount,
    circuitState,
  },
});

const performanceMetric = defineEvent({
  eventType: "performance_metric",
  description: "A measurement that a Trinity logger wrote.",
  senders: ["lambda", "app", "nestjs"],
  userAction: false,
  additive: true,
  fields: {
    metric: plain(label.optional(), "what was measured"),
    value: plain(z.number().optional(), "the measurement"),
    unit: plain(word.optional(), "its unit"),
    operation,
    durationMs: plain(durationMs.optional(), "how long the operation took"),
    retryCount,
    circuitState,
  },
});

export const operationsEvents = [errorOccurred, apiRequest, performanceMetric];
