// The length of a comment in characters, counted as the server counts.
// Must never allow what the server refuses. The server's half is src/model/text/comment.rs; both pass the same test
// texts.
// Next: editor.ts shows the remaining length.

/** The most code points per character, on average: families and flags have up to eleven, letters with marks a few. */
const MAX_CODE_POINTS_PER_CHARACTER = 10;

/** A character where the browser has no Intl.Segmenter: a flag, or anything with what is joined to it. */
const CHARACTER =
  /(?:\p{RI}{2}|[^\p{M}\u200d])(?:[\p{M}\p{Emoji_Modifier}\u200c\u{e0020}-\u{e007f}]|\u200d\p{Extended_Pictographic}?)*/gsu;

export function textLength(input: string): number {
  const text = input.trimEnd().replace(/^\s*\n/, "");
  let characters = 0;
  if (typeof Intl.Segmenter === "function") for (const _ of new Intl.Segmenter().segment(text)) characters++;
  else characters = text.match(CHARACTER)?.length || 0;
  return Math.max(characters, Math.ceil([...text].length / MAX_CODE_POINTS_PER_CHARACTER));
}
