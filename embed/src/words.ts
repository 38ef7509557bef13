// Every sentence that a reader sees, in their language, with its plural forms.
// Must never build a sentence by joining pieces: languages order them differently.
// Next: i18n/en.json is the catalogue; build.mjs gives its write.… half to composer.js. errors.ts chooses among its words.
import en from "../i18n/en.json";

export type Word = keyof typeof en;
export type Counted = "heading" | "plain" | "more_done" | "replies" | "write.left";
export type Fill = Record<string, string | number>;

/** Puts values where a phrase has {names}; a name without a value stays as it is. */
export function fill(phrase: string, values: Fill): string {
  return phrase.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** The form of a set of phrases that a language uses for a count; `zero` may be given for 0 in any language. */
export function plural(forms: Record<string, string | undefined>, count: number, language: string): string {
  return (count ? undefined : forms.zero) ?? forms[new Intl.PluralRules(language).select(count)] ?? forms.other ?? "";
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
  constructor(
    readonly language = "en",
    private catalogue: Record<string, string> = { ...en },
  ) {}

  /** Adds words for what is not said yet. */
  learn(more: Record<string, string>): void {
    this.catalogue = { ...more, ...this.catalogue };
  }

  say = (word: Word, values: Fill = {}): string => fill(this.catalogue[word] || word, values);

  count = (word: Counted, count: number, values: Fill = {}): string => {
    const forms: Record<string, string> = {};
    for (const key in this.catalogue) if (key.startsWith(word + ".")) forms[key.slice(word.length + 1)] = this.catalogue[key]!;
    return fill(plural(forms, count, this.language), { ...values, count: this.number(count) });
  };

  number = (value: number): string => new Intl.NumberFormat(this.language).format(value);
}
