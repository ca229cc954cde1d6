import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { plain } from "../property-field.ts";
import { flag, word } from "../property-types.ts";

/**
 * Names that the NestJS generation reserved for features around rooms. They are registered so that no other feature uses them;
 * each is additive, because no sender has defined its properties yet.
 */

const fields = {
  category: plain(word.optional(), "which kind"),
  rating: plain(z.number().min(0).max(10).optional(), "how people rate it"),
  success: plain(flag.optional(), "whether it succeeded"),
};

function reserve(eventType: string, description: string, userAction = true) {
  return defineEvent({ eventType, description, senders: ["nestjs"], userAction, additive: true, fields });
}

export const roomFeatureEvents = [
  reserve("automation_created", "A host set up an automation."),
  reserve("automation_updated", "A host changed an automation."),
  reserve("automation_feedback", "A person gave feedback on an automation."),
  reserve("template_created", "A person saved a room as a template."),
  reserve("template_used", "A host created a room from a template."),
  reserve("template_rated", "A person rated a template."),
  reserve("theme_created", "A person created a theme."),
  reserve("theme_applied", "A host applied a theme to a room."),
  reserve("theme_rated", "A person rated a theme."),
  reserve("theme_removed", "A host removed a theme from a room."),
  reserve("schedule_created", "A host planned a session."),
  reserve("schedule_updated", "A host changed a planned session."),
  reserve("schedule_attended", "A member attended a planned session."),
  reserve("schedule_missed", "A member missed a planned session.", false),
  reserve("schedule_cancelled", "A host cancelled a planned session."),
  reserve("role_created", "A host created a role."),
  reserve("role_assigned", "A host assigned a role to a member."),
  reserve("moderation_action", "A moderator took an action."),
  reserve("permission_checked", "The back end checked a permission.", false),
  reserve("settings_updated", "A host changed the settings of a room."),
  reserve("settings_reset", "A host reset the settings of a room."),
];
