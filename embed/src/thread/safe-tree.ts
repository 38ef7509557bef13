// Renders the safe tree of a comment's body to nodes, by an allow-list of its own: defence in depth behind the server.
// Must never make an element or set an attribute outside these lists, whatever an answer holds.
// Next: element.ts makes the nodes; docs/api.md names what the server sends.
import { el } from "../dom/element";
import type { TreeNode } from "../api/api-types";

const ALLOWED_ELEMENTS = new Set("p br strong em del code pre blockquote ul ol li a hr".split(" "));

/** By attribute: on which element, and of what form. */
const ALLOWED_ATTRIBUTES: Record<string, [string, RegExp]> = {
  href: ["a", /^(https?:\/\/|mailto:)/i],
  class: ["code", /^language-[\w+#.-]{1,40}$/],
  start: ["ol", /^\d{1,9}$/],
};

/** What is not an allowed element becomes its children; nesting past 60 becomes nothing. */
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
  // A link of a reader's always says so, whether the answer says it or not.
  if (props.href) props.rel = "ugc nofollow noopener";
  // Long lines scroll inside their box: by the keyboard too.
  if (tag === "pre") props.tabindex = "0";
  return [el(tag, props, ...inside)];
}

export const renderTree = (body: TreeNode[]): (Node | string)[] => body.flatMap((branch) => renderNode(branch));
