// The messages that only enhancements.js shows.
// Must never contain a message that core.ts shows: core.ts runs before this file is loaded.
// Next: i18n/en.json has the texts; build.mjs takes those under later. for this file.
import en from "../../i18n/en.json";
import type { Catalogue } from "../i18n/messages";

export const enhancementMessages: Catalogue = en;
