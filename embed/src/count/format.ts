// Formats a count with the owner's phrase for its plural category, or as the bare number.
// Must never contain a phrase of its own: a number is right in every language.
// Next: fetch.ts requests the count.

/** `words` returns the owner's phrase for a plural category: `one`, `other`, `zero`, … */
export function formatCount(
  count: number,
  language: string | undefined,
  phraseOf: (category: string) => string | null | undefined,
): string {
  let category = "other";
  try {
    category = new Intl.PluralRules(language).select(count);
  } catch {
    // The page's `lang` is not a language tag.
  }
  return ((!count && phraseOf("zero")) || phraseOf(category) || phraseOf("other") || "{count}").replace(
    "{count}",
    count as unknown as string,
  );
}
