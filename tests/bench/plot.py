"""Plots as SVG, legible in light and dark mode, without a library: lines over four sizes, whiskers for the spread.

Must never draw what was not measured: every point is a median of a run, every whisker its smallest and largest value.
"""

from html import escape

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 320, 56, 24, 48, 44
STYLE = """
    .card { fill: #ffffff; stroke: #d0d7de } .grid { stroke: #d8dee4 } .text { fill: #1f2328 } .soft { fill: #59636e }
    .line { stroke: #0b62c4; fill: none; stroke-width: 2 } .dot { fill: #0b62c4 } .whisker { stroke: #0b62c4; stroke-width: 1.25 }
    .goal { stroke: #b3261e; stroke-dasharray: 5 4 } .goal-text { fill: #b3261e }
    text { font: 13px system-ui, sans-serif }
    .title { font-size: 15px; font-weight: 600 }
    @media (prefers-color-scheme: dark) {
      .card { fill: #161b22; stroke: #3d444d } .grid { stroke: #30363d } .text { fill: #f0f6fc } .soft { fill: #9198a1 }
      .line { stroke: #6cb6ff } .dot { fill: #6cb6ff } .whisker { stroke: #6cb6ff }
      .goal { stroke: #ff9492 } .goal-text { fill: #ff9492 }
    }
"""


def growth(title, curve, goal=None):
    """`curve`: (size, smallest, median, largest) with the smallest size as 1. `goal`: the maximum, relative to ten
    thousand."""
    base = next((median for size, _, median, _ in curve if size == "10k"), None)
    factor, goal = goal, goal * base if goal and base else None
    top = max([1.5, *(point[3] * 1.15 for point in curve), *([goal * 1.15] if goal else [])])
    step = next(step for step in (0.25, 0.5, 1, 2, 5, 10, 20, 50, 100, 1000) if top / step <= 6)

    def x(place):
        return LEFT + 40 + place * (WIDTH - LEFT - RIGHT - 80) / max(1, len(curve) - 1)

    def y(value):
        return HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM)

    parts = [f'<rect class="card" x="0.5" y="0.5" width="{WIDTH - 1}" height="{HEIGHT - 1}" rx="6"/>',
             f'<text class="text title" x="16" y="28">{escape(title)}</text>']
    value = 0.0
    while value <= top:
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(value):.1f}" y2="{y(value):.1f}"/>')
        parts.append(f'<text class="soft" x="{LEFT - 8}" y="{y(value) + 4:.1f}" text-anchor="end">{value:g}×</text>')
        value += step
    if goal:
        parts.append(f'<line class="goal" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(goal):.1f}" y2="{y(goal):.1f}"/>')
        parts.append(f'<text class="goal-text" x="{LEFT + 4}" y="{y(goal) - 6:.1f}">at most {factor:g} × ten thousand’s</text>')
    line = " ".join(f"{x(place):.1f},{y(point[2]):.1f}" for place, point in enumerate(curve))
    parts.append(f'<polyline class="line" points="{line}"/>')
    for place, (size, least, median, largest) in enumerate(curve):
        at = x(place)
        parts.append(f'<line class="whisker" x1="{at:.1f}" x2="{at:.1f}" y1="{y(least):.1f}" y2="{y(largest):.1f}"/>')
        for end in (least, largest):
            parts.append(f'<line class="whisker" x1="{at - 5:.1f}" x2="{at + 5:.1f}" y1="{y(end):.1f}" y2="{y(end):.1f}"/>')
        parts.append(f'<circle class="dot" cx="{at:.1f}" cy="{y(median):.1f}" r="4"/>')
        parts.append(f'<text class="text" x="{at + 10:.1f}" y="{y(median) + 18:.1f}">{median:.2f}×</text>')
        name = size.replace("k", ",000").replace("1M", "1,000,000")
        parts.append(f'<text class="soft" x="{at:.1f}" y="{HEIGHT - 18}" text-anchor="middle">{name}</text>')
    body = "\n  ".join(parts)
    said = "; ".join(f"{size}: {median:.2f}" for size, _, median, _ in curve)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}. {said}">\n'
            f"  <style>{STYLE}  </style>\n  {body}\n</svg>\n")
