// Constants that build.mjs writes into the files in compat/: the plural forms of the count, by language.
// Next: isso-counts.ts uses it.
declare module "i18n:plain" {
  const forms: Record<string, Record<string, string>>;
  export default forms;
}
