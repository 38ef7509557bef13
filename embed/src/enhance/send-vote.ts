// Sends votes, one at a time for each comment.
// Must never leave a count standing that the server refused.
// Next: votes.ts draws the buttons, reader-storage.ts remembers the reader's own votes.
import { rest } from "../dom/yield";
import type { Ballot, View } from "../types";
import type { VoteAnswer } from "../api/api-types";

export async function cast(view: View, ballot: Ballot): Promise<void> {
  if (ballot.sending) return;
  ballot.sending = true;
  const { comment } = ballot;
  try {
    let sent;
    do {
      sent = ballot.wish;
      // Kept before it is known to have arrived: who leaves now finds their vote again.
      view.keep.vote(comment.id, sent);
      const answer = await view.api.ask<VoteAnswer>(`comments/${comment.id}/vote`, "PUT", { reader: view.keep.reader(), value: sent }, undefined, true);
      ballot.known = answer.value;
      view.keep.vote(comment.id, ballot.known);
      view.fire("voted", { id: comment.id, value: ballot.known });
      // A press meanwhile goes next; until it is answered, what it shows stands.
      if (ballot.wish === sent) {
        ballot.wish = ballot.known;
        Object.assign(comment, { up: answer.up, down: answer.down });
        ballot.paint();
      }
    } while (ballot.wish !== ballot.known);
  } catch (thrown) {
    const problem = view.failed("vote", thrown);
    // Who leaves cuts it off, too, and comes no further than this: the vote stays as it was cast.
    await rest();
    view.keep.vote(comment.id, ballot.known);
    ballot.undo(problem.code === "network" ? view.words.say("e.internal") : view.explain(problem));
  }
  ballot.sending = false;
}
