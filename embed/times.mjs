// Writes i18n/times.json: the formats of “3 hours ago”, “12 Nov 2026” and “1,234” in each language, from Node's Unicode
// locale data. Creating a browser's first Intl formatter blocks the page for longer than a hundred comments do; these
// cost nothing.
// Must never guess: a language with other digits or another calendar is left to Intl in the browser.
// Next: run `npm run times` after adding a language or updating Node; build.mjs gives each file its part,
// src/i18n/messages.ts reads it.
import { readdirSync, writeFileSync } from "node:fs";

const units = { minute: 59, hour: 23, day: 30 };

/** Phrases by unit: under a number that has its own (“yesterday”), else by plural category; `#` is the number. */
function spans(tag) {
  const format = new Intl.RelativeTimeFormat(tag, { numeric: "auto" });
  const rules = new Intl.PluralRules(tag);
  const number = new Intl.NumberFormat(tag);
  const list = [format.format(0, "second")];
  for (const [unit, most] of Object.entries(units)) {
    const forms = {};
    const own = {};
    for (let n = 1; n <= most; n++) {
      const text = format.format(-n, unit);
      const category = rules.select(n);
      const numbered = text.replace(number.format(n), "#");
      if (numbered === text) own[n] = text;
      else if ((forms[category] ??= numbered) !== numbered)
        throw new Error(`${tag}: ${text} is not like ${forms[category]}`);
    }
    // One form for all categories is stored as a string.
    const kinds = [...new Set(Object.values(forms))];
    list.push(
      kinds.length === 1 && !Object.keys(own).length
        ? kinds[0]
        : { ...own, ...(kinds.length === 1 ? { other: kinds[0] } : forms) },
    );
  }
  return list;
}

/**
 * The pattern of a date, with `d` or `D` (two digits) for the day, `y` for the year, and `n`, `N` (two digits) or `m`
 * (name) for the month; and the month names.
 */
function dates(tag) {
  const format = new Intl.DateTimeFormat(tag, { dateStyle: "medium", timeZone: "UTC" });
  const patterns = new Set();
  const months = [];
  for (let month = 0; month < 12; month++) {
    const parts = format.formatToParts(Date.UTC(2026, month, 5));
    const text = (type) => parts.find((part) => part.type === type)?.value;
    months.push(text("month"));
    patterns.add(
      parts
        .map(({ type, value }) => ({ day: value.length > 1 ? "{D}" : "{d}", month: "{m}", year: "{y}" })[type] ?? value)
        .join(""),
    );
  }
  if (patterns.size !== 1) throw new Error(`${tag}: months differ in more than their name`);
  const [pattern] = patterns;
  const number = { 1: "{n}", "01": "{N}" }[months[0]];
  return number ? [pattern.replace("{m}", number)] : [pattern, months.join()];
}

/** The thousands separator; doubled where it is used from 10,000 only. */
function separator(tag) {
  const format = new Intl.NumberFormat(tag);
  const [, , comma] = format.format(12345);
  return format.format(1234).includes(comma) ? comma : comma + comma;
}

/**
 * `[now, minutes, hours, days, thousands separator, date pattern, month names]`; only the first four where digits or
 * calendar differ.
 */
function times(tag) {
  const { numberingSystem, calendar } = new Intl.DateTimeFormat(tag).resolvedOptions();
  return [
    ...spans(tag),
    ...(numberingSystem === "latn" && calendar === "gregory" ? [separator(tag), ...dates(tag)] : []),
  ];
}

const folder = new URL("i18n/", import.meta.url);
const tags = readdirSync(folder)
  .filter((name) => name.endsWith(".json") && name !== "times.json")
  .map((name) => name.slice(0, -5));
const lines = tags.map((tag) => [tag, times(tag)]).map((pair) => pair.map((one) => JSON.stringify(one)).join(": "));
writeFileSync(
  new URL("times.json", folder),
  `{\n"cldr": ${JSON.stringify(process.versions.cldr)},\n${lines.join(",\n")}\n}\n`,
);
