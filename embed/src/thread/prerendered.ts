// Replaces comments that were written into the page at build time, without moving what a reader is looking at.
// Must never be loaded where the element holds no such comments, and never move a reader who came by a link to one
// comment.
// Next: thread-view.ts fires what this listens to; the server's fragment is what it expects to find.

/**
 * Keeps the box as high as it is until the thread stands, and then puts the comment that was read back to its place.
 */
export function holdPosition(host: HTMLElement): void {
  const { style } = host;
  const before = style.minHeight;
  const articles = [...host.querySelectorAll<HTMLElement>("article[id]")];
  let anchor: { id: string; top: number } | undefined;
  // Again and again until they are gone, since the answer may take its time and the reader does not wait for it.
  const findAnchor = () => {
    if (!articles[0]?.getClientRects().length) return;
    const { top, bottom } = host.getBoundingClientRect();
    // The first that begins in the window, or hardly above it, else the one that fills it. Who sees where the thread
    // begins or ends has that before them, and no comment is put back.
    const tops = articles.map((one) => ({ id: one.id, top: one.getBoundingClientRect().top }));
    anchor =
      top < 0 && bottom > innerHeight
        ? tops.find((one) => one.top > -20 && one.top < innerHeight) || tops.reverse().find((one) => one.top < 0)
        : undefined;
  };
  const release = ({ type }: Event) => {
    removeEventListener("scroll", findAnchor);
    host.removeEventListener("afterword:loaded", release);
    host.removeEventListener("afterword:failed", release);
    style.minHeight = before;
    const linked = /^#(isso|.*comment)-./.test(location.hash);
    if (type === "afterword:failed" || linked || !anchor) return;
    const now = (host.shadowRoot || host.querySelector(".afterword-light"))?.querySelector("#" + CSS.escape(anchor.id));
    if (!now) return;
    // What is skipped off screen has a guessed height until it comes near: go there, let it settle, go again.
    let remaining = 3;
    const go = () => {
      scrollBy({ top: now.getBoundingClientRect().top - anchor!.top, behavior: "instant" });
      if (--remaining) requestAnimationFrame(go);
    };
    go();
  };
  style.minHeight = host.offsetHeight + "px";
  findAnchor();
  addEventListener("scroll", findAnchor, { passive: true });
  host.addEventListener("afterword:loaded", release);
  host.addEventListener("afterword:failed", release);
}
