// Renders the safe tree of a comment's body to nodes, by an allow-list: defence in depth behind the server.
// Must never create an element or set an attribute outside these lists, whatever a response holds.
// Next: element.ts creates the nodes; docs/api.md describes the tree.
import { el } from "../dom/element";
import type { TreeNode } from "../api/api-types";

const ALLOWED_ELEMENTS = new Set("p br strong em del code pre blockquote ul ol li a hr".split(" "));

/** By attribute: the elements that may have it, and the pattern of its value. */
const ALLOWED_ATTRIBUTES: Record<string, [string, RegExp]> = {
  href: ["a", /^(https?:\/\/|mailto:)/i],
  class: ["code", /^language-[\w+#.-]{1,40}$/],
  start: ["ol", /^\d{1,9}$/],
};

/** An element that is not allowed is replaced by its children; nesting deeper than 60 levels is dropped. */
export function renderNode(branch: unknown, depth = 0): (Node | string)[] {
  if (typeof branch === "string") return [branch];
  if (!Array.isArray(branch) || depth > 60) return [];
  const [tag, given, ...children] = branch;
  const inside = children.flatMap((child) => renderNode(child, depth + 1));
  if (!ALLOWED_ELEMENTS.has(tag)) return inside;
  const props: Record<string, string> = {};
  for (const name in ALLOWED_ATTRIBUTES) {
    const [on, form] = ALLOWED_ATTRIBUTES[name]!;
    const value = Object(given)[name];
    if (tag === on && /string|number/.test(typeof value) && form.test(value)) props[name] = String(value);
  }
  // Every link in a comment gets this rel, whether or not the response has it.
  if (props.href) props.rel = "ugc nofollow noopener";
  // Long lines scroll inside their box, by the keyboard, too.
  if (tag === "pre") props.tabindex = "0";
  return [el(tag, props, ...inside)];
}

export const renderTree = (body: TreeNode[]): (Node | string)[] => body.flatMap((branch) => renderNode(branch));
