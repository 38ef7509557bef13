// Sends votes to the server, one at a time for each comment.
// Must never leave a count standing that the server refused.
// Next: votes.ts draws the buttons, reader-storage.ts remembers the reader's own votes.
import { nextFrame } from "../dom/yield";
import type { VoteState, View } from "../types";
import type { VoteAnswer } from "../api/api-types";

export async function sendVote(view: View, ballot: VoteState): Promise<void> {
  if (ballot.sending) return;
  ballot.sending = true;
  const { comment } = ballot;
  try {
    let sent;
    do {
      sent = ballot.wanted;
      // Kept before it is known to have arrived: who leaves now finds their vote again.
      view.storage.setVote(comment.id, sent);
      const answer = await view.api.request<VoteAnswer>(
        `comments/${comment.id}/vote`,
        "PUT",
        { reader: view.storage.readerSecret(), value: sent },
        undefined,
        true,
      );
      ballot.confirmed = answer.value;
      view.storage.setVote(comment.id, ballot.confirmed);
      view.dispatch("voted", { id: comment.id, value: ballot.confirmed });
      // A press in the meantime goes next; until it is answered, what it shows stands.
      if (ballot.wanted === sent) {
        ballot.wanted = ballot.confirmed;
        Object.assign(comment, { up: answer.up, down: answer.down });
        ballot.render();
      }
    } while (ballot.wanted !== ballot.confirmed);
  } catch (thrown) {
    const problem = view.report("vote", thrown);
    // Who leaves cuts it off, too, and comes no further than this: the vote stays as it was cast.
    await nextFrame();
    view.storage.setVote(comment.id, ballot.confirmed);
    ballot.revert(problem.code === "network" ? view.messages.say("e.internal") : view.errorMessage(problem));
  }
  ballot.sending = false;
}
