// Messages and error codes that only writers meet, added to those of core.js when composer.js is loaded.
// Must never contain a code that a reader can meet: core.js shows those without this file.
// Next: errors.ts explains, i18n/en.json has the texts.
import en from "../../i18n/en.json";
import type { ErrorMessages } from "../api/errors";
import type { Catalogue } from "../i18n/messages";

export const writerMessages: Catalogue = en;

// biome-ignore format: src/view has the same messages, and a test there reads a pair from each line.
export const writerErrors: ErrorMessages = [
  ["write.e.network", "network"],
  ["write.e.late", "token_missing token_wrong token_expired"],
  ["write.e.text", "text_missing"],
  ["write.e.long", "text_too_long"],
  ["write.e.name", "name_missing name_too_long"],
  ["write.e.email", "email_missing email_invalid"],
  ["write.e.website", "website_invalid"],
  ["write.e.sent", "key_reused"],
];

/** Codes whose sentence comes from the server. */
export const serverWorded =
  "body_too_large field_invalid form_not_ours name_invalid sign_in_failed text_too_complex title_too_long votes_off website_too_long";
