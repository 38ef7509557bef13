// Votes: two toggle buttons that answer at once and tell the server after.
// Must never leave a count standing that the server refused, and never send two votes for one comment at a time.
// Next: keep.ts remembers the reader's own votes, api.ts sends them.
import { el, icon } from "./element";
import { rest } from "./rest";
import type { Item, View } from "./view";

const up = "M8 3 14 11H2Z";
const down = "M8 13 2 5H14Z";

export function voteButtons(view: View, item: Item, name: string, note: HTMLElement): HTMLElement[] {
  const { comment } = item;
  /** What the server last knew, and what the reader wants. */
  let known = view.keep.votes()[comment.id] || 0;
  let wish = known;
  let sending = false;

  const button = (value: 1 | -1) => {
    const count = el("span", { class: "votes" });
    const node = el("button", { type: "button", class: "act vote", part: "action vote" }, icon(value > 0 ? up : down), count);
    node.addEventListener("click", () => {
      move(wish === value ? 0 : value);
      send();
    });
    const paint = () => {
      const votes = value > 0 ? comment.up : comment.down;
      count.textContent = votes ? view.words.number(votes) : "";
      node.ariaPressed = String(wish === value);
      node.ariaLabel = view.words.say(value > 0 ? "vote_up" : "vote_down", { name, count: view.words.number(votes) });
    };
    return { node, paint };
  };
  const buttons = view.site.votes === "up" ? [button(1)] : [button(1), button(-1)];
  const paint = () => buttons.forEach((one) => one.paint());
  paint();

  /** Shows another vote, with the counts that go with it. */
  function move(to: number): void {
    comment.up += +(to > 0) - +(wish > 0);
    comment.down += +(to < 0) - +(wish < 0);
    wish = to;
    note.hidden = true;
    paint();
  }

  async function send(): Promise<void> {
    if (sending) return;
    sending = true;
    try {
      let sent;
      do {
        sent = wish;
        // Kept before it is known to have arrived: who leaves now finds their vote again.
        view.keep.vote(comment.id, sent);
        const answer = await view.api.vote(comment.id, view.keep.reader(), sent);
        known = answer.value;
        view.keep.vote(comment.id, known);
        view.fire("voted", { id: comment.id, value: known });
        // A press meanwhile goes next; until it is answered, what it shows stands.
        if (wish === sent) {
          wish = known;
          Object.assign(comment, { up: answer.up, down: answer.down });
          paint();
        }
      } while (wish !== known);
    } catch (thrown) {
      const problem = view.failed("vote", thrown);
      // Who leaves cuts it off, too, and comes no further than this: the vote stays as it was cast.
      await rest();
      view.keep.vote(comment.id, known);
      move(known);
      const text = problem.code === "network" ? view.words.say("e.internal") : view.explain(problem);
      note.textContent = text;
      note.hidden = false;
      view.alert(text);
    }
    sending = false;
  }
  return buttons.map((one) => one.node);
}
