// Votes: two toggle buttons that answer at once.
// Must never wait for the server: it is told after, and what it refuses is taken back.
// Next: send-vote.ts tells the server, reader-storage.ts remembers the reader's own votes.
import { el, icon } from "../dom/element";
import type { Ballot, Item, View } from "../types";

const up = "M8 3 14 11H2Z";
const down = "M8 13 2 5H14Z";

export function voteButtons(view: View, { comment }: Item, name: string, note: HTMLElement): HTMLElement[] {
  const known = view.keep.votes()[comment.id] || 0;
  const button = (value: 1 | -1) => {
    const count = el("span", { class: "votes" });
    const node = el("button", { type: "button", class: "act vote", part: "action vote" }, icon(value > 0 ? up : down), count);
    node.addEventListener("click", () => {
      move(ballot.wish === value ? 0 : value);
      view.part("enhancements").then(({ cast }) => cast(view, ballot)).catch((thrown) => ballot.undo(view.explain(view.failed("vote", thrown))));
    });
    const paint = () => {
      const votes = value > 0 ? comment.up : comment.down;
      count.textContent = votes ? view.words.number(votes) : "";
      node.ariaPressed = String(ballot.wish === value);
      node.ariaLabel = view.words.say(value > 0 ? "vote_up" : "vote_down", { name, count: view.words.number(votes) });
    };
    return { node, paint };
  };
  const buttons = view.site.votes === "up" ? [button(1)] : [button(1), button(-1)];
  const ballot: Ballot = {
    comment,
    known,
    wish: known,
    paint: () => buttons.forEach((one) => one.paint()),
    undo(text) {
      move(ballot.known);
      note.textContent = text;
      note.hidden = false;
      view.alert(text);
    },
  };
  ballot.paint();
  return buttons.map((one) => one.node);

  /** Shows another vote, with the counts that go with it. */
  function move(to: number): void {
    comment.up += +(to > 0) - +(ballot.wish > 0);
    comment.down += +(to < 0) - +(ballot.wish < 0);
    ballot.wish = to;
    note.hidden = true;
    ballot.paint();
  }
}
