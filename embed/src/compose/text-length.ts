// How long a text is, as the server counts: a counter that says otherwise makes people write what is refused.
// Must never allow what the server refuses. Its half is src/model/text/comment.rs; both are tested with the same texts.
// Next: editor.ts shows what is left.

/** Code points that a character may have on average: families and flags have up to eleven, letters with marks a few. */
const most = 10;

/** A character where the browser cannot say what one is: a flag, or anything with what joins it. */
const character = /(?:\p{RI}{2}|[^\p{M}\u200d])(?:[\p{M}\p{Emoji_Modifier}\u200c\u{e0020}-\u{e007f}]|\u200d\p{Extended_Pictographic}?)*/gsu;

export function length(typed: string): number {
  const text = typed.trimEnd().replace(/^\s*\n/, "");
  let characters = 0;
  if (typeof Intl.Segmenter === "function") for (const _ of new Intl.Segmenter().segment(text)) characters++;
  else characters = text.match(character)?.length || 0;
  return Math.max(characters, Math.ceil([...text].length / most));
}
