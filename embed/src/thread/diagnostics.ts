// Tells owners why a thread did not load and what to do, in the console and, with ?afterword-debug, in the page.
// Must never be shown to readers who did not ask for it, nor delay the message for readers.
// Next: thread-view.ts calls it; docs/add-to-your-site.md explains the same at length.
import { el } from "../dom/element";
import type { View } from "../types";
import type { Problem } from "../api/errors";
import { pageAddress, setPage } from "./page-address";
import { watchNavigation } from "./spa-navigation";

/** Reports to the owner. True when the page has another address under which the thread can be requested. */
export async function diagnose(view: View, problem: Problem): Promise<boolean> {
  const { context } = view;
  if (/^page_/.test(problem.code)) {
    // The canonical link is invalid or of another site; the address of the page itself may be of this site.
    const other = pageAddress();
    if (other !== context.page) {
      warn([
        `${view.host.get("page-url") ? "page-url" : "The canonical link"} says “${context.page}”. The comments of ${other} are shown instead.`,
        REMEDIES[problem.code]!,
      ]);
      setPage(context, other);
      return true;
    }
  }
  watchNavigation(view);
  const lines = [
    `The comments of ${context.page} could not be loaded from ${context.root} (${problem.code}).`,
    REMEDIES[problem.code] || (problem.code === "network" ? await findCause(view) : ""),
  ].filter(Boolean);
  warn(lines);
  if (isDebugging()) setTimeout(() => showInPage(view, lines));
  return false;
}

/** For a loaded thread: shows what was requested, where the owner wants to see it. */
export function report(view: View): void {
  const { context, site, thread } = view;
  showInPage(view, [
    `Site “${site.name}”, page ${thread.page}${context.id ? `, page-id “${context.id}”` : ""}, asked of ${context.root}. ${thread.count} comments.`,
  ]);
}

export const isDebugging = (): boolean => /[?&]afterword-debug\b/.test(location.search);

const REGISTER_ORIGIN = `Register ${location.origin} as an allowed origin of the site, in the admin pages under Settings. Origins are compared to the letter: scheme, host and port.`;
const REMEDIES: Record<string, string> = {
  page_not_of_site: `${REGISTER_ORIGIN} Or correct page-url and the canonical link: they have to be of a registered origin.`,
  page_invalid: "page-url has to be an address, such as https://blog.example/posts/tea/ or /posts/tea/.",
  page_too_long: "Give the thread a short page-id.",
  origin_not_allowed: REGISTER_ORIGIN,
  origin_missing: REGISTER_ORIGIN,
  site_not_found: `data-site has to be the name of a site on the server, as its admin pages list them. ${REGISTER_ORIGIN}`,
  internal: "The server failed: its log says why, under the request's id.",
  rate_limited:
    "This network has asked too often. Behind a proxy, set trusted_proxies, or all readers share one limit.",
  busy: "The server has more to do than it can.",
};

/** Why there is no readable response: requests again, and checks from outside. */
async function findCause({ context }: View): Promise<string> {
  if (!navigator.onLine) return "The browser is offline.";
  if (location.protocol === "https:" && /^http:/.test(context.root))
    return "The page is https and the comment server http: browsers block that. Serve the comments by https.";
  if (!isDebugging())
    return "It is away, or blocked on the way: by a policy, a proxy or an extension. Open this page with ?afterword-debug to learn more.";
  let blocked = "";
  const refused = (event: SecurityPolicyViolationEvent) => (blocked = event.effectiveDirective);
  document.addEventListener("securitypolicyviolation", refused);
  const url = context.root + "thread" + context.query;
  try {
    const { status, headers } = await fetch(url, { credentials: "omit" });
    return `The answer has the status ${status} and the type ${headers.get("content-type")}, and is not the server's own: a proxy or a portal answers in its place.`;
  } catch {
    const there = await fetch(url, { credentials: "omit", mode: "no-cors" }).catch(() => null);
    if (blocked)
      return `The page's Content-Security-Policy blocks it: add ${new URL(context.root).origin} to ${blocked}.`;
    if (there)
      return "Something answers, but without Access-Control-Allow-Origin: a proxy answers in the server's place, or takes that header away.";
    return "The server cannot be reached: it is not running, its name is not known, its certificate is not valid, or an extension blocks it.";
  } finally {
    document.removeEventListener("securitypolicyviolation", refused);
  }
}

const warn = (lines: string[]): void => console.warn("Afterword: " + lines.join(" "));

function showInPage(view: View, lines: string[]): void {
  view.root.querySelector(".debug")?.remove();
  if (!view.signal.aborted)
    view.root.append(
      el(
        "div",
        { class: "notice debug", part: "notice", lang: "en", dir: "ltr" },
        ...lines.map((line) => el("p", {}, line)),
      ),
    );
}
