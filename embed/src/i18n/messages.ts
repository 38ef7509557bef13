// The messages that readers see, in their language, with plural forms, numbers and dates.
// Must never build a sentence by joining pieces: languages order them differently.
// Next: i18n/en.json is the catalogue; build.mjs gives each file its part. errors.ts chooses among the messages.
import en from "../../i18n/en.json";
import { en as english } from "../../i18n/times.json";

/** A phrase, or its forms by plural category (CLDR). `zero` may be given for 0 in any language. */
export type Message = string | Record<string, string>;
export type Catalogue = Record<string, Message>;
export type MessageKey = keyof typeof en;
export type PluralMessageKey = { [K in MessageKey]: (typeof en)[K] extends string ? never : K }[MessageKey];
export type PlaceholderValues = Record<string, string | number>;

/**
 * Patterns for now, minutes, hours and days ago, the thousands separator, the date pattern, and the month names; `#`
 * stands for a number.
 */
export type TimeForms = (string | Record<string, string | undefined>)[];

/** A file of another language: its tag, and its phrases in the order of the English keys. */
export interface Locale {
  tag: string;
  /** Without dates and thousands separator where digits or calendar differ: there, Intl formats them. */
  times: TimeForms;
  core?: Message[];
  later?: Message[];
  /** The messages for writing are in a file of their own. */
  write?(): Promise<{ default: Message[] }>;
}

/** Replaces {names} in a phrase by values; a name without a value stays as it is. */
export function fillPlaceholders(phrase: string, values: PlaceholderValues): string {
  return phrase.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

const pluralRules: Record<string, Intl.PluralRules> = {};

/** The form that a language uses for a count; `form` returns the form of a category. */
export function selectPlural(
  form: (category: string) => string | null | undefined,
  count: number,
  language: string,
): string {
  return (
    (count ? undefined : form("zero")) ??
    form((pluralRules[language] ||= new Intl.PluralRules(language)).select(count)) ??
    form("other") ??
    ""
  );
}

/** A language tag that Intl accepts, or English. */
export function canonicalLanguage(tag: string | null | undefined): string {
  try {
    return Intl.getCanonicalLocales(tag || "en")[0] || "en";
  } catch {
    return "en";
  }
}

export class Messages {
  readonly language: string;
  readonly direction: "rtl" | "ltr";
  private catalogue: Catalogue = {};
  // Formatters are slow to create and fast to use: each is created on first use.
  declare private numberFormat?: Intl.NumberFormat;
  declare private dateFormat?: Intl.DateTimeFormat;

  constructor(
    readonly locale: Locale = { tag: "en", times: english as TimeForms },
    /** The owner's own wording, by key and, with counts, `key.category`. */
    private override: (key: string) => string | null = () => null,
  ) {
    this.language = locale.tag;
    // Not from Intl.Locale: Firefox has no text direction there in older versions. These are all the right-to-left
    // catalogues.
    this.direction = /^(ar|fa|he)/.test(locale.tag) ? "rtl" : "ltr";
    this.addCatalogue(en, locale.core);
  }

  /** Adds the messages of one part of the widget: English, and over it those of the reader's language. */
  addCatalogue(english: Catalogue, phrases?: Message[]): void {
    // A server that was upgraded since may send messages in another order.
    if (phrases?.[0] !== Object.values(english)[0]) phrases = undefined;
    Object.keys(english).forEach((key, n) => (this.catalogue[key] = phrases?.[n] || english[key]!));
  }

  say = (word: MessageKey, values: PlaceholderValues = {}): string =>
    fillPlaceholders(this.override(word) ?? (this.catalogue[word] as string) ?? word, values);

  count = (word: PluralMessageKey, count: number, values: PlaceholderValues = {}): string => {
    const form = (category: string) =>
      this.override(`${word}.${category}`) ?? (this.catalogue[word] as Record<string, string>)[category];
    return fillPlaceholders(selectPlural(form, count, this.language), { ...values, count: this.formatNumber(count) });
  };

  /**
   * Formats in Latin digits, which all catalogues but Persian use, without Intl: creating a browser's first formatter
   * takes as long as fifty comments.
   */
  formatNumber = (value: number): string => {
    const separator = this.locale.times[4] as string | undefined;
    if (!separator) return (this.numberFormat ||= new Intl.NumberFormat(this.language)).format(value);
    return separator[1] && value < 10_000 ? "" + value : ("" + value).replace(/\B(?=(...)+$)/g, separator[0]!);
  };

  date = (at: number): string => {
    const [, , , , , pattern, months] = this.locale.times as string[];
    if (!pattern)
      return (this.dateFormat ||= new Intl.DateTimeFormat(this.language, { dateStyle: "medium" })).format(at);
    const date = new Date(at);
    const [d, n] = [date.getDate(), date.getMonth()];
    const twoDigits = (value: number) => ("0" + value).slice(-2);
    return fillPlaceholders(pattern, {
      d,
      D: twoDigits(d),
      n: n + 1,
      N: twoDigits(n + 1),
      m: months?.split(",")[n] || "",
      y: date.getFullYear(),
    });
  };

  /** How long ago: 0 now, else the number of minutes (1), hours (2) or days (3). */
  relative = (value: number, unit: 0 | 1 | 2 | 3): string => {
    const forms = this.locale.times[unit]!;
    return (
      typeof forms === "string"
        ? forms
        : (forms[value] ?? selectPlural((category) => forms[category], value, this.language))
    ).replace("#", this.formatNumber(value));
  };
}
