// The catalogue of the messages that only enhancements.js shows.
// Must never name what core.ts says itself: that has to be said before this file is there.
// Next: i18n/en.json has the sentences; build.mjs takes those under later. for this file.
import en from "../../i18n/en.json";
import type { Catalogue } from "../i18n/messages";

export const enhancementMessages: Catalogue = en;
