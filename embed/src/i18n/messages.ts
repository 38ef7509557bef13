// Every sentence that a reader sees, in their language, with its plural forms.
// Must never build a sentence by joining pieces: languages order them differently.
// Next: i18n/en.json is the catalogue; build.mjs gives each file its share. errors.ts chooses among the words.
import en from "../../i18n/en.json";
import { en as english } from "../../i18n/times.json";

/** A phrase, or its forms by plural category (CLDR); `zero` may be given for 0 in any language. */
export type Phrase = string | Record<string, string>;
export type Catalogue = Record<string, Phrase>;
export type Word = keyof typeof en;
export type Counted = { [K in Word]: (typeof en)[K] extends string ? never : K }[Word];
export type Fill = Record<string, string | number>;

/** Now, minutes, hours and days that have passed, what parts thousands, the pattern of a date, the names of months; `#` is a number. */
export type Times = (string | Record<string, string | undefined>)[];

/** What a file of another language holds: its tag, and its phrases in the order of the English keys. */
export interface Locale {
  tag: string;
  /** Without dates and thousands where digits or calendar are others: there, Intl says them. */
  times: Times;
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

/** The form that a language uses for a count; `form` gives that of a category. */
export function plural(form: (category: string) => string | null | undefined, count: number, language: string): string {
  return (count ? undefined : form("zero")) ?? form((rules[language] ||= new Intl.PluralRules(language)).select(count)) ?? form("other") ?? "";
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
  declare private numbers?: Intl.NumberFormat;
  declare private days?: Intl.DateTimeFormat;

  constructor(
    readonly locale: Locale = { tag: "en", times: english as Times },
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
    // A server that was replaced meanwhile may send words in another order.
    if (phrases?.[0] !== Object.values(english)[0]) phrases = undefined;
    Object.keys(english).forEach((key, n) => (this.catalogue[key] = phrases?.[n] || english[key]!));
  }

  say = (word: Word, values: Fill = {}): string => fill(this.own(word) ?? (this.catalogue[word] as string) ?? word, values);

  count = (word: Counted, count: number, values: Fill = {}): string => {
    const form = (category: string) => this.own(`${word}.${category}`) ?? (this.catalogue[word] as Record<string, string>)[category];
    return fill(plural(form, count, this.language), { ...values, count: this.number(count) });
  };

  /** In Latin digits, which all but Persian's are, without a formatter: a browser's first one takes as long as fifty comments. */
  number = (value: number): string => {
    const comma = this.locale.times[4] as string | undefined;
    if (!comma) return (this.numbers ||= new Intl.NumberFormat(this.language)).format(value);
    return comma[1] && value < 10_000 ? "" + value : ("" + value).replace(/\B(?=(...)+$)/g, comma[0]!);
  };

  day = (at: number): string => {
    const [, , , , , pattern, months] = this.locale.times as string[];
    if (!pattern) return (this.days ||= new Intl.DateTimeFormat(this.language, { dateStyle: "medium" })).format(at);
    const date = new Date(at);
    const [d, n] = [date.getDate(), date.getMonth()];
    const two = (value: number) => ("0" + value).slice(-2);
    return fill(pattern, { d, D: two(d), n: n + 1, N: two(n + 1), m: months?.split(",")[n] || "", y: date.getFullYear() });
  };

  /** How long ago: 0 now, else so many minutes (1), hours (2) or days (3). */
  passed = (value: number, unit: 0 | 1 | 2 | 3): string => {
    const forms = this.locale.times[unit]!;
    return (typeof forms === "string" ? forms : (forms[value] ?? plural((category) => forms[category], value, this.language))).replace("#", this.number(value));
  };
}
