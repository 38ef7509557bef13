// Every sentence that a reader sees, in their language, with its plural forms.
// Must never build a sentence by joining pieces: languages order them differently.
// Next: i18n/en.json is the catalogue; build.mjs gives each file its share. errors.ts chooses among the words.
import en from "../i18n/en.json";

/** A phrase, or its forms by plural category (CLDR); `zero` may be given for 0 in any language. */
export type Phrase = string | Record<string, string>;
export type Catalogue = Record<string, Phrase>;
export type Word = keyof typeof en;
export type Counted = { [K in Word]: (typeof en)[K] extends string ? never : K }[Word];
export type Fill = Record<string, string | number>;

/** What a file of another language holds: its tag, and its phrases in the order of the English keys. */
export interface Locale {
  tag: string;
  core?: Phrase[];
  later?: Phrase[];
  /** Those for writing lie in a file of their own. */
  write?(): Promise<{ default: Phrase[] }>;
}

/** Puts values where a phrase has {names}; a name without a value stays as it is. */
export function fill(phrase: string, values: Fill): string {
  return phrase.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

const rules: Record<string, Intl.PluralRules> = {};

/** The form of a set of phrases that a language uses for a count. */
export function plural(forms: Record<string, string | undefined>, count: number, language: string): string {
  return (count ? undefined : forms.zero) ?? forms[(rules[language] ||= new Intl.PluralRules(language)).select(count)] ?? forms.other ?? "";
}

/** A language tag that Intl takes, or English. */
export function known(tag: string | null | undefined): string {
  try {
    return Intl.getCanonicalLocales(tag || "en")[0] || "en";
  } catch {
    return "en";
  }
}

export class Words {
  readonly language: string;
  readonly direction: "rtl" | "ltr";
  private catalogue: Catalogue = {};
  // Formatters are dear to make and cheap to use: each is made when it is first needed.
  private numbers?: Intl.NumberFormat;
  private days?: Intl.DateTimeFormat;
  private spans?: Intl.RelativeTimeFormat;

  constructor(
    readonly locale: Locale = { tag: "en" },
    /** The owner's own wording, by key and, with counts, `key.category`. */
    private own: (key: string) => string | null = () => null,
  ) {
    this.language = locale.tag;
    // Not from Intl.Locale: Firefox has had no text direction there for long. These are all that we have words in.
    this.direction = /^(ar|fa|he)/.test(locale.tag) ? "rtl" : "ltr";
    this.learn(en, locale.core);
  }

  /** Adds the words of one part of the widget: English, and over it those of the reader's language. */
  learn(english: Catalogue, phrases?: Phrase[]): void {
    Object.keys(english).forEach((key, n) => (this.catalogue[key] = phrases?.[n] || english[key]!));
  }

  say = (word: Word, values: Fill = {}): string => fill(this.own(word) ?? (this.catalogue[word] as string) ?? word, values);

  count = (word: Counted, count: number, values: Fill = {}): string => {
    const forms = { ...(this.catalogue[word] as Record<string, string>) };
    for (const category of ["zero", "one", "two", "few", "many", "other"]) forms[category] = this.own(`${word}.${category}`) ?? forms[category]!;
    return fill(plural(forms, count, this.language), { ...values, count: this.number(count) });
  };

  /** Small numbers in Latin digits, which most are, need no formatter. */
  number = (value: number): string =>
    value < 1000 && this.direction === "ltr" ? String(value) : (this.numbers ||= new Intl.NumberFormat(this.language)).format(value);

  day = (at: number): string => (this.days ||= new Intl.DateTimeFormat(this.language, { dateStyle: "medium" })).format(at);

  passed = (value: number, unit: Intl.RelativeTimeFormatUnit): string =>
    (this.spans ||= new Intl.RelativeTimeFormat(this.language, { numeric: "auto" })).format(value, unit);
}
