// Fills the links to #isso-thread with the number of comments, as Isso's own script does.
// Must never touch a link when there is no response.
// Next: isso-settings.ts has the owner's wording; element.ts does the same without Isso.
import forms from "i18n:plain";
import { fetchCounts } from "../count/fetch";
import { keyOf, pageKey } from "../count/key";
import { formatCount } from "../count/format";
import { pluralForms, language, customText, readSettings } from "./isso-settings";

export function fillCounts(base: string): void {
  const set = readSettings();
  const tag = language(set);
  const pluralTexts =
    pluralForms(customText(set, "num-comments")) || forms[tag] || forms[tag.split("-")[0]!] || forms.en!;
  const links = new Map<Element, string>();
  for (const link of document.querySelectorAll<HTMLAnchorElement>("a[href$='#isso-thread']")) {
    const id = link.getAttribute("data-isso-id");
    // Isso uses the path alone, so that a preview of the site shows the same counts.
    const path = id || link.pathname + link.search;
    links.set(link, /^\/|^https?:/.test(path) ? pageKey(new URL(path, location.origin).href) : keyOf("page_id", path));
  }
  const known: Record<string, number> = {};
  fetchCounts(base, "_", [...links.values()], known, () => {
    for (const [link, name] of links)
      if (known[name] != null) link.textContent = formatCount(known[name], tag, (category) => pluralTexts[category]);
  });
}
