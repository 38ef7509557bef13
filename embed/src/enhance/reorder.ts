// Changes the order of a thread, and stores the reader's choice.
// Must never store an order that could not be loaded.
// Next: layout.ts has the control.
import { showNotice } from "../thread/layout";
import type { View } from "../types";
import type { Sort } from "../api/api-types";

export async function reorder(view: View, select: HTMLSelectElement): Promise<void> {
  const { say } = view.messages;
  const before = view.sort;
  const sort = select.value as Sort;
  showNotice(view, null);
  if (await view.load(view.api.thread(sort))) {
    view.storage.set("sort", sort);
    view.announce(say("sorted", { order: say(`sort.${sort}`) }));
  } else {
    select.value = before;
    view.alert(say("load_failed"));
    showNotice(view, "load_failed");
  }
}
