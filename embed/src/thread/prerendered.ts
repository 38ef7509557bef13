// Replaces comments that were written into the page at build time, without moving what a reader is looking at.
// Must never be loaded where the element holds no such comments, and never move a reader who came by a link to one
// comment.
// Next: thread-view.ts fires the events that this listens to; the server's fragment is the mark-up that it expects.

/**
 * Keeps the height of the box until the thread is drawn, then scrolls the comment that was being read back to its
 * position.
 */
export function holdPosition(host: HTMLElement): void {
  const { style } = host;
  const before = style.minHeight;
  const articles = [...host.querySelectorAll<HTMLElement>("article[id]")];
  let anchor: { id: string; top: number } | undefined;
  // Repeated until they are replaced: the response may take long, and the reader scrolls in the meantime.
  const findAnchor = () => {
    if (!articles[0]?.getClientRects().length) return;
    const { top, bottom } = host.getBoundingClientRect();
    // The first that begins in the window or just above it, else the one that fills it. If the start or the end of the
    // thread is in view, nothing is scrolled.
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
    // Content skipped off screen has an estimated height until it comes near: scroll, wait for layout, scroll again.
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
