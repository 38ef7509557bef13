// Sends votes to the server, one at a time per comment.
// Must never keep showing a count that the server refused.
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
      // Stored before the response: a reader who leaves now finds the vote again.
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
      // A click during the request is sent next; until the response to it, the buttons show it.
      if (ballot.wanted === sent) {
        ballot.wanted = ballot.confirmed;
        Object.assign(comment, { up: answer.up, down: answer.down });
        ballot.render();
      }
    } while (ballot.wanted !== ballot.confirmed);
  } catch (thrown) {
    const problem = view.report("vote", thrown);
    // A page that unloads aborts the request and runs no further than this: the vote stays as cast.
    await nextFrame();
    view.storage.setVote(comment.id, ballot.confirmed);
    ballot.revert(problem.code === "network" ? view.messages.say("e.internal") : view.errorMessage(problem));
  }
  ballot.sending = false;
}
