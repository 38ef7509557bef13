// The vote buttons of a comment, which show a vote at once.
// Must never wait for the server: the request follows, and a refused vote is taken back.
// Next: send-vote.ts sends the vote, reader-storage.ts stores the reader's own votes.
import { el, icon } from "../dom/element";
import type { VoteState, CommentItem, View } from "../types";

const UP_ARROW = "M8 3 14 11H2Z";
const DOWN_ARROW = "M8 13 2 5H14Z";

export function voteButtons(view: View, { comment }: CommentItem, name: string, note: HTMLElement): HTMLElement[] {
  const known = view.storage.votes()[comment.id] || 0;
  const button = (value: 1 | -1) => {
    const count = el("span", { class: "votes" });
    const node = el(
      "button",
      { type: "button", class: "act vote", part: "action vote" },
      icon(value > 0 ? UP_ARROW : DOWN_ARROW),
      count,
    );
    node.addEventListener("click", () => {
      setVote(ballot.wanted === value ? 0 : value);
      view
        .part("enhancements")
        .then(({ sendVote }) => sendVote(view, ballot))
        .catch((thrown) => ballot.revert(view.errorMessage(view.report("vote", thrown))));
    });
    const paint = () => {
      const votes = value > 0 ? comment.up : comment.down;
      count.textContent = votes ? view.messages.formatNumber(votes) : "";
      node.ariaPressed = String(ballot.wanted === value);
      node.ariaLabel = view.messages.say(value > 0 ? "vote_up" : "vote_down", {
        name,
        count: view.messages.formatNumber(votes),
      });
    };
    return { node, paint };
  };
  const buttons = view.site.votes === "up" ? [button(1)] : [button(1), button(-1)];
  const ballot: VoteState = {
    comment,
    confirmed: known,
    wanted: known,
    render: () => buttons.forEach((one) => one.paint()),
    revert(text) {
      setVote(ballot.confirmed);
      note.textContent = text;
      note.hidden = false;
      view.alert(text);
    },
  };
  ballot.render();
  return buttons.map((one) => one.node);

  /** Shows another vote, with the matching counts. */
  function setVote(to: number): void {
    comment.up += +(to > 0) - +(ballot.wanted > 0);
    comment.down += +(to < 0) - +(ballot.wanted < 0);
    ballot.wanted = to;
    note.hidden = true;
    ballot.render();
  }
}
