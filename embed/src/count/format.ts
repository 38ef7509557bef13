// Formats a count with the owner's phrase for its plural category, or as the bare number.
// Must never know words of its own: a number is right in every language.
// Next: fetch.ts asks for the count.

/** `words` gives the owner's phrase for a category: `one`, `other`, `zero`, … */
export function formatCount(
  count: number,
  language: string | undefined,
  phraseOf: (category: string) => string | null | undefined,
): string {
  let category = "other";
  try {
    category = new Intl.PluralRules(language).select(count);
  } catch {
    // Not a language.
  }
  return ((!count && phraseOf("zero")) || phraseOf(category) || phraseOf("other") || "{count}").replace(
    "{count}",
    count as unknown as string,
  );
}
