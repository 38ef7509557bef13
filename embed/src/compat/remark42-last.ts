// Replaces Remark42's script of last comments: our list in every .remark42__last-comments.
// Must never insert a second list where one is.
// Next: element.ts defines the list, remark-server.ts finds the server.
import "../recent/element";
import { config, language, site } from "./remark-server";
import { onDomReady } from "./dom-ready";

onDomReady(() => {
  for (const container of document.querySelectorAll<HTMLElement>(".remark42__last-comments")) {
    if (container.querySelector("afterword-recent")) continue;
    const list = document.createElement("afterword-recent");
    list.setAttribute("site", site());
    list.setAttribute("limit", container.dataset.max || String(config().max_last_comments || 15));
    const lang = language(config());
    if (lang) list.setAttribute("lang", lang);
    container.append(list);
  }
});
