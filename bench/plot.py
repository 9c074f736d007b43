"""Line charts as hand-written SVG: nothing to install, and the file reads well in light and in dark.

    line_chart(path, title, x_label, y_label, series, log_x=False, log_y=False)

`series` is a list of (name, [(x, y), ...]). Colours follow the reader's system; every line has its own mark as well, so
that nobody has to tell colours apart.
"""

import math
from pathlib import Path
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 76, 24, 52, 84

STYLE = """
  .paper { fill: #ffffff } text { fill: #24292f; font: 13px system-ui, sans-serif } .title { font-size: 16px; font-weight: 600 }
  .grid { stroke: #d0d7de; stroke-width: 1 } .axis { stroke: #57606a; stroke-width: 1 }
  .line { fill: none; stroke-width: 2 }
  .s0 { stroke: #0969da; color: #0969da } .s1 { stroke: #bc4c00; color: #bc4c00 } .s2 { stroke: #1a7f37; color: #1a7f37 }
  .s3 { stroke: #8250df; color: #8250df } .s4 { stroke: #bf3989; color: #bf3989 } .s5 { stroke: #57606a; color: #57606a }
  .mark { fill: currentColor; stroke: none }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #0d1117 } text { fill: #e6edf3 } .grid { stroke: #30363d } .axis { stroke: #8b949e }
    .s0 { stroke: #58a6ff; color: #58a6ff } .s1 { stroke: #f0883e; color: #f0883e } .s2 { stroke: #56d364; color: #56d364 }
    .s3 { stroke: #bc8cff; color: #bc8cff } .s4 { stroke: #ff7bac; color: #ff7bac } .s5 { stroke: #8b949e; color: #8b949e }
  }
"""

MARKS = [
    "M{x} {y} m-4 0 a4 4 0 1 0 8 0 a4 4 0 1 0 -8 0",
    "M{x} {y} m-4 -4 h8 v8 h-8 z",
    "M{x} {y} m0 -5 l5 9 h-10 z",
    "M{x} {y} m0 -5 l5 5 l-5 5 l-5 -5 z",
    "M{x} {y} m0 5 l5 -9 h-10 z",
    "M{x} {y} m-5 -1.5 h10 v3 h-10 z",
]


def line_chart(path, title, x_label, y_label, series, log_x=False, log_y=False):
    """Writes the chart. A series without points is refused: an empty line would look like a zero."""
    for name, points in series:
        if not points:
            raise ValueError(f"{name}: no points")
    xs = [x for _, points in series for x, _ in points]
    ys = [y for _, points in series for _, y in points]
    across = _Axis(xs, log_x, LEFT, WIDTH - RIGHT, from_zero=False)
    down = _Axis(ys, log_y, HEIGHT - BOTTOM, TOP, from_zero=not log_y)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">',
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>",
        f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}" rx="6"/>',
        f'<text class="title" x="{LEFT}" y="28">{escape(title)}</text>',
    ]
    for tick in down.ticks():
        y = down.place(tick)
        parts.append(f'<path class="grid" d="M{LEFT} {y:.1f} H{WIDTH - RIGHT}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{_number(tick)}</text>')
    for tick in sorted(set(xs)) if log_x and len(set(xs)) <= 8 else across.ticks():
        x = across.place(tick)
        parts.append(f'<path class="axis" d="M{x:.1f} {HEIGHT - BOTTOM} v5"/>')
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{_number(tick)}</text>')
    parts.append(f'<path class="axis" d="M{LEFT} {HEIGHT - BOTTOM} H{WIDTH - RIGHT}"/>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{HEIGHT - BOTTOM + 40}" text-anchor="middle">{escape(x_label)}</text>')
    centre = (TOP + HEIGHT - BOTTOM) / 2
    parts.append(f'<text transform="translate(18 {centre}) rotate(-90)" text-anchor="middle">{escape(y_label)}</text>')
    legend = LEFT
    for number, (name, points) in enumerate(series):
        tone, mark = f"s{number % 6}", MARKS[number % len(MARKS)]
        places = [(across.place(x), down.place(y)) for x, y in sorted(points)]
        line = " L".join(f"{x:.1f} {y:.1f}" for x, y in places)
        parts.append(f'<path class="line {tone}" d="M{line}"/>')
        marks = " ".join(mark.format(x=f"{x:.1f}", y=f"{y:.1f}") for x, y in places)
        parts.append(f'<g class="{tone}"><path class="mark" d="{marks}"/></g>')
        dot = mark.format(x=legend + 5, y=HEIGHT - 18)
        parts.append(f'<g class="{tone}"><path class="mark" d="{dot}"/></g>')
        parts.append(f'<text x="{legend + 15}" y="{HEIGHT - 13}">{escape(name)}</text>')
        legend += 34 + 7.2 * len(name)
    Path(path).write_text("\n".join(parts) + "\n</svg>\n", encoding="utf-8")


class _Axis:
    """Where a value stands between two edges."""

    def __init__(self, values, log, low_edge, high_edge, from_zero):
        self.log, self.edges = log, (low_edge, high_edge)
        low, high = min(values), max(values)
        if log:
            if low <= 0:
                raise ValueError("a logarithm needs values above zero")
            self.low, self.high = math.log10(low), math.log10(high)
            if not from_zero and (low_edge > high_edge or self.low == self.high):
                self.low, self.high = math.floor(self.low), max(math.ceil(self.high), math.floor(self.low) + 1)
        else:
            self.low = 0 if from_zero else low
            self.high = high if high > self.low else self.low + 1
            self.high = self.low + _step(self.high - self.low) * math.ceil((self.high - self.low) / _step(self.high - self.low))

    def place(self, value):
        at = (math.log10(value) if self.log else value) - self.low
        low_edge, high_edge = self.edges
        return low_edge + (high_edge - low_edge) * at / (self.high - self.low)

    def ticks(self):
        if self.log:
            return [10.0**power for power in range(math.ceil(self.low), math.floor(self.high) + 1)]
        step = _step(self.high - self.low)
        count = round((self.high - self.low) / step)
        return [self.low + step * number for number in range(count + 1)]


def _step(span):
    """A round number that divides the span into four to ten parts."""
    power = 10.0 ** math.floor(math.log10(span))
    return next(power * part for part in (0.1, 0.2, 0.25, 0.5, 1) if span / (power * part) <= 8)


def _number(value):
    """As people write it: 10,000 and 0.25, never 1e+04."""
    if value == 0:
        return "0"
    if abs(value) >= 1:
        return f"{value:,.0f}" if abs(value - round(value)) < 1e-9 else f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"{value:.6f}".rstrip("0").rstrip(".")
