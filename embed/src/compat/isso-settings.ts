// Reads a page that was made for Isso: its data-isso-* attributes, and #isso-thread's own.
// Must never fail on a setting that we have no counterpart for: it is ignored.
// Next: isso.ts puts the attributes on our element.

/** The settings by name, without `data-isso-`; from all scripts of the page, as Isso reads them. */
export function readSettings(): Record<string, string> {
  const found: Record<string, string> = {};
  for (const script of document.querySelectorAll("script")) {
    for (const { name, value } of script.attributes) {
      if (name.startsWith("data-isso-")) found[name.slice(10).replace(/_/g, "-")] = value.replace(/\\n/g, "\n");
    }
  }
  return found;
}

/** The language as Isso finds it: what the owner set, else the reader's own. */
export const language = (set: Record<string, string>): string => (set.lang || navigator.language).replace(/_/g, "-");

/** A text that the owner reworded for the language: `comment-reply-text-de`. */
export function customText(set: Record<string, string>, key: string): string | undefined {
  const tag = language(set).toLowerCase();
  return set[`${key}-text-${tag}`] ?? set[`${key}-text-${tag.split("-")[0]}`];
}

/** Isso's texts that have a counterpart here. */
const TEXT_KEYS: Record<string, string> = {
  "postbox-text": "write",
  "postbox-author": "write.name",
  "postbox-email": "write.email",
  "postbox-website": "write.website",
  "postbox-preview": "write.preview",
  "postbox-submit": "write.post",
  "no-comments": "plain.zero",
  "comment-reply": "reply",
  "comment-edit": "edit",
  "comment-save": "write.save",
  "comment-delete": "delete",
  "comment-cancel": "write.cancel",
  "comment-deleted": "deleted",
  "comment-queued": "held",
  "comment-anonymous": "anonymous",
};

const SORTS: Record<string, string> = { newest: "newest", oldest: "oldest", upvotes: "best" };

/** Our attributes for the page's settings; a setting that is missing sets none. */
export function attributes(set: Record<string, string>, thread: Element): Record<string, string> {
  const id = thread.getAttribute("data-isso-id");
  const found: Record<string, string | undefined> = {
    ...page(id),
    "page-title": thread.getAttribute("data-title") || undefined,
    lang: set.lang && language(set),
    sort: SORTS[set.sorting || ""],
  };
  for (const key in TEXT_KEYS) found["t-" + TEXT_KEYS[key]] = customText(set, key);
  // Isso's labels say themselves whether a field is optional.
  if (found["t-write.name"] || found["t-write.email"] || found["t-write.website"])
    found["t-write.optional"] = "{label}";
  const forms = pluralForms(customText(set, "num-comments"));
  for (const category in forms) found["t-plain." + category] = found["t-heading." + category] = forms[category];
  return Object.fromEntries(Object.entries(found).filter((pair): pair is [string, string] => !!pair[1]));
}

/** Isso identifies pages by their path or by any id; a path is a page of this site. */
export function page(id: string | null): Record<string, string> {
  if (!id) return { "page-url": location.origin + location.pathname };
  return /^\/|^https?:/.test(id) ? { "page-url": new URL(id, location.origin).href } : { "page-id": id };
}

/** Isso lists plural forms in the order of gettext; ours have names. */
export function pluralForms(lines: string | undefined): Record<string, string> | undefined {
  if (!lines) return;
  const forms = lines.replaceAll("{{ n }}", "{count}").split("\n");
  const names = forms.length > 2 ? ["one", "few", "many"] : ["one"];
  const found: Record<string, string> = { other: forms.at(-1)! };
  if (forms[1]) names.forEach((name, n) => (found[name] = forms[n]!));
  return found;
}
