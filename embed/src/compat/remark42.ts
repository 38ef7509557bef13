// Replaces Remark42's script, at the same address: a page made for Remark42 changes one host name and has our thread.
// Must never need anything of the page that Remark42 does not, nor throw where Remark42 does not.
// Next: remark-server.ts finds the server, loader.ts defines our element.
import "../loader";
import { config, language, site, type RemarkConfig } from "./remark-server";
import { onDomReady } from "./dom-ready";

interface Instance {
  changeTheme(theme: string): void;
  destroy(): void;
}

/** Puts our element into #remark42, around what the page shows there until the comments come. */
function createInstance(set: RemarkConfig = config()): Instance {
  const container = document.getElementById("remark42");
  const there = container?.querySelector("afterword-thread");
  const element = there || document.createElement("afterword-thread");
  const wanted: Record<string, string | undefined> = {
    site: site(),
    "page-url": (set.url || location.origin + location.pathname).split("#")[0],
    "page-title": set.page_title,
    lang: language(set),
  };
  for (const name in wanted) {
    if (wanted[name]) element.setAttribute(name, wanted[name]);
    else element.removeAttribute(name);
  }
  if (container && !there) {
    element.append(...container.childNodes);
    container.append(element);
  }
  const instance: Instance = {
    changeTheme(theme) {
      config().theme = theme;
      // Remark42 has no background: its theme is the page's, as ours is. This makes ours read the page again.
      element.setAttribute("theme", "auto");
    },
    destroy: () => element.remove(),
  };
  Object.assign(remark, {
    changeTheme: instance.changeTheme,
    destroy() {
      instance.destroy();
      delete remark.changeTheme;
      delete remark.destroy;
    },
  });
  return instance;
}

const named = window as { REMARK42?: Partial<Instance> & { createInstance?: typeof createInstance } };
let remark: NonNullable<typeof named.REMARK42>;

onDomReady(() => {
  // Not before: pages check whether it exists, and wait for the event if it does not.
  remark = named.REMARK42 ||= {};
  remark.createInstance = createInstance;
  createInstance();
  dispatchEvent(new Event("REMARK42::ready"));
});
