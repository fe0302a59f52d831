"""The figures as one HTML page without scripts or outside files: the plots are
SVG, narrow enough for a phone, plain enough for print."""

import html as escape_html
import math

from . import report

STYLE = """
:root { color-scheme: light }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: auto;
       padding: 1rem; color: #1a1a1a; background: #fff }
h1 { font-size: 1.6rem } h2 { margin-top: 2.5rem } h3 { margin-bottom: .3rem }
p.small, figcaption { font-size: .85rem; color: #555 }
.plots { display: grid; gap: 1.5rem;
         grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)) }
figure { margin: 0 0 1rem; break-inside: avoid }
svg { width: 100%; max-width: 30rem; height: auto }
.wide { overflow-x: auto }
table { border-collapse: collapse; font-size: .8rem; white-space: nowrap;
        font-variant-numeric: tabular-nums }
th, td { padding: .15rem .5rem; text-align: right;
         border-bottom: 1px solid #e5e5e5 }
th:first-child, td:first-child { position: sticky; left: 0; background: #fff }
th:first-child, td:first-child, .words { text-align: left }
tr.sum td { font-weight: 600 } td.slow { color: #b00020 }
ul.legend { list-style: none; padding: 0; display: flex; flex-wrap: wrap;
            gap: .2rem 1rem; font-size: .85rem; margin: .3rem 0 }
ul.legend svg { width: .9rem; height: .9rem; vertical-align: -.1rem }
@media print { body { max-width: none; font-size: 10pt; padding: 0 }
  .wide { overflow: visible } table { font-size: 6.5pt }
  th, td { padding: .1rem .2rem } h2 { break-after: avoid } }
"""
# Okabe and Ito's colours, which all eyes tell apart; in print, so do shapes.
COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9",
           "#000000", "#8a8a00", "#7f3c8d", "#666666"]


def text(value):
    return escape_html.escape(str(value))


def mark(index, x, y, size=3.6):
    colour = COLOURS[index % len(COLOURS)]
    shape = index % 4
    if shape == 0:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size}" fill="{colour}"/>'
    if shape == 1:
        return (f'<rect x="{x - size:.1f}" y="{y - size:.1f}" '
                f'width="{2 * size}" height="{2 * size}" fill="{colour}"/>')
    if shape == 2:
        points = [(x, y - size - 1), (x + size + .5, y + size),
                  (x - size - .5, y + size)]
    else:
        points = [(x, y - size - 1), (x + size + 1, y), (x, y + size + 1),
                  (x - size - 1, y)]
    path = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
    return f'<polygon points="{path}" fill="{colour}"/>'


class Axis:
    """Ratios on a logarithmic scale, with 1 among the ticks."""

    def __init__(self, values, left, right):
        low = min([0.9, *values]) * 0.97
        high = max([1.1, *values]) * 1.03
        self.left, self.right = left, right
        self.low, self.high = math.log(low), math.log(high)
        steps = [0.1, 0.2, 0.5, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.5, 2, 3, 5, 10,
                 20, 50, 100, 200, 500]
        self.ticks = []
        for step in sorted(steps, key=lambda step: step != 1):
            if low <= step <= high and all(
                    abs(self.x(step) - self.x(other)) > 26
                    for other in self.ticks):
                self.ticks.append(step)

    def x(self, ratio):
        share = (math.log(ratio) - self.low) / (self.high - self.low)
        return self.left + share * (self.right - self.left)

    def draw(self, top, bottom):
        parts = []
        for tick in self.ticks:
            x = self.x(tick)
            style = "#444" if tick == 1 else "#ddd"
            parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top}" '
                         f'y2="{bottom}" stroke="{style}"/>'
                         f'<text x="{x:.1f}" y="{bottom + 12}" '
                         f'text-anchor="middle">{tick:g}</text>')
        return "".join(parts)


def plot(rows, title):
    """Rows of a name and (series, ratio) pairs as dots."""
    values = [ratio for _, dots in rows for _, ratio in dots]
    if not values:
        return ""
    axis = Axis(values, 116, 350)
    bottom = 8 + 15 * len(rows)
    parts = [f'<svg viewBox="0 0 360 {bottom + 20}" role="img" '
             f'aria-label="{text(title)}" font-size="10" '
             'font-family="system-ui, sans-serif">', axis.draw(4, bottom)]
    for index, (name, dots) in enumerate(rows):
        y = 14 + 15 * index
        parts.append(f'<text x="110" y="{y + 3}" text-anchor="end">{text(name)}'
                     "</text>")
        parts += [mark(series, axis.x(ratio), y) for series, ratio in dots]
    return "".join([*parts, "</svg>"])


def legend(engines):
    items = "".join(
        f'<li><svg viewBox="0 0 12 12">{mark(index, 6, 6)}</svg> '
        f"{text(engine)}</li>" for index, engine in enumerate(engines))
    return f'<ul class="legend">{items}</ul>'


def ratio_cell(cell, slow=1.05):
    if not cell:
        return "<td>-"
    if "ratio" not in cell:
        return f'<td title="{text(cell["error"])}">failed'
    kind = " class=slow" if cell["ratio"] > slow else ""
    return f"<td{kind}>{cell['ratio']:.3f}"


def suite_tables(data, suite):
    sums = data["summary"][suite]
    others = list(sums)[1:]
    versions = report.versioned_forms(data, suite)
    lines = ["<div class=wide><table><thead><tr><th>program<th>native" +
             "".join(f"<th>{text(label)}" for label in others) +
             "".join(f"<th class=words>versioned {form}"
                     for form in versions) + "</thead>"]
    for program in data["programs"]:
        if program["suite"] != suite:
            continue
        cells = program["cells"]
        lines.append(
            f"<tr><td>{text(program['name'])}"
            f"<td>{report.amount(data, cells['native']['median'])}" + "".join(
                ratio_cell(cells.get(label)) for label in others) + "".join(
                f"<td class=words>{text(report.versions_of(program, form))}"
                for form in versions))
    for title, key in (("geometric mean", "geometric_mean"),
                       ("worst", "worst"), ("median spread", "spread")):
        lines.append(f"<tr class=sum><td>{title}"
                     f"<td>{sums['native'][key]:.3f}" + "".join(
                         f"<td>{sums[label][key]:.3f}" if sums[label]
                         else "<td>-" for label in others))
    lines.append("</table></div>")
    costs = [(label, sums[label]) for label in others
             if sums[label] and sums[label]["compile_seconds"] is not None]
    if costs:
        lines.append("<h3>Compiling</h3><div class=wide><table><thead><tr><th>"
                     "engine<th>seconds<th>peak MiB<th>code KiB</thead>")
        for label, total in costs:
            size = (f"{total['text'] / 1024:.0f}" if total["text"] else "-")
            lines.append(f"<tr><td>{text(label)}"
                         f"<td>{total['compile_seconds']:.2f}"
                         f"<td>{total['compile_peak_kib'] / 1024:.0f}"
                         f"<td>{size}")
        lines.append("</table></div>")
    return "\n".join(lines)


def suite_plots(data, suite):
    """One plot for each form of wasm: the geometric means first."""
    programs = [program for program in data["programs"]
                if program["suite"] == suite]
    cells = [cell for program in programs
             for cell in program["cells"].values()]
    forms = list(dict.fromkeys(cell["form"] for cell in cells if cell["form"]))
    engines = list(dict.fromkeys(cell["engine"] for cell in cells
                                 if cell["form"]))
    parts = [legend(engines), "<div class=plots>"]
    for form in forms:
        sums = [(engines.index(engine), total["geometric_mean"])
                for engine in engines
                if (total := data["summary"][suite].get(f"{engine} {form}"))]
        rows = [("geometric mean", sums)]
        for program in programs:
            rows.append((program["name"], [
                (engines.index(cell["engine"]), cell["ratio"])
                for cell in program["cells"].values()
                if cell["form"] == form and "ratio" in cell]))
        title = f"{suite}, {form}: time over native"
        parts.append(f"<figure>{plot(rows, title)}"
                     f"<figcaption>{text(title)}</figcaption></figure>")
    return "\n".join([*parts, "</div>"])


def html(data):
    options = data["options"]
    facts = [data["machine"]["processor"], data["machine"]["system"],
             data["machine"]["date"],
             *(f"{name}: {version}"
               for name, version in data["versions"].items())]
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8>",
        '<meta name=viewport content="width=device-width, initial-scale=1">',
        f"<title>wasmetal: speed</title><style>{STYLE}</style>",
        "<h1>wasmetal: speed</h1>",
        f"<p>Times over native code of {text(options['cpu'])} without fused "
        f"multiply-add, data of size {text(options['size'])}, wasmetal "
        f"-O{text(options['level'])}; medians of {options['runs']} runs in "
        "turns. Smaller is faster; 1 is native. Every program computed the "
        "same as native code before its time counted; native-contract alone "
        "may differ.</p>",
        '<p class=small>' + "<br>".join(map(text, facts)) + "</p>"]
    for suite in data["summary"]:
        parts.append(f"<h2>{text(suite)}</h2>")
        parts.append(suite_plots(data, suite))
        parts.append(suite_tables(data, suite))
    for title, lines in (("Left out", data["left_out"]),
                         ("Failed", data["failures"])):
        if lines:
            parts.append(f"<h2>{title}</h2><ul>" + "".join(
                f"<li>{text(line)}" for line in lines) + "</ul>")
    return "\n".join([*parts, "</html>"]) + "\n"
