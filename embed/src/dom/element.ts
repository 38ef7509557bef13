// Creates elements from a tag, attributes and children; the only place that calls createElement.
// Must never take markup, a style attribute or an on… attribute: hosts forbid them by CSP and Trusted Types.
// Next: safe-tree.ts builds comment bodies with it, all other files their own parts.

type Child = Node | string | number | false | null | undefined;
type Props = Record<string, string | number | boolean | null | undefined | ((event: any) => void)>;

/**
 * Attributes by name. A function is added as a listener (`click: …`), true sets an empty attribute, null, undefined and
 * false set none.
 */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props?: Props | null,
  ...children: Child[]
): HTMLElementTagNameMap[K];
export function el(tag: string, props?: Props | null, ...children: Child[]): HTMLElement;
export function el(tag: string, props?: Props | null, ...children: Child[]): HTMLElement {
  const node = document.createElement(tag);
  for (const name in props) {
    const value = props[name];
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value != null && value !== false) node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...(children.filter((child) => child != null && child !== false) as (Node | string)[]));
  return node;
}

/** Splits a phrase at its one {name} and puts a node there: `in reply to <bdi>Ann</bdi>`. */
export function interpolate(phrase: string, name: string, node: Node): (Node | string)[] {
  const [before = "", after = ""] = phrase.split(`{${name}}`);
  return [before, node, after];
}

/** An icon of one SVG path, hidden from screen readers: the button around it has the accessible name. */
export function icon(path: string): SVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const line = document.createElementNS(space, "path");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}
