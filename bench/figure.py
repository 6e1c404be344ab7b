#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""figure.py [--check]: the tables of bench/README.md that foreign.py made, as figures: in
man/tmo-choosing.7 as text, and as bench/foreign.svg. With --check nothing is written; fails if they
are not those of the tables. Needs nothing but Python."""
import math
import os
import statistics
import string
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
README = os.path.join(HERE, "README.md")
SVG = os.path.join(HERE, "foreign.svg")
PAGE = os.path.join(os.path.dirname(HERE), "man", "tmo-choosing.7")
START, END = '.\\" From here to the end mark by bench/figure.py\n', '.\\" end\n'
MOST = 80           # dB at the upper edge: what is more stands there
LEFT, RIGHT = 8, 64     # percent of the ONNX file, in powers of two
WIDE, HIGH = 60, 16     # of the text


def tables(text):
    """{title: {row: [numbers]}}; what is no number is None."""
    found, rows = {}, None
    for line in text.splitlines():
        if line.startswith("### "):
            rows = found.setdefault(line[4:], {})
        elif line.startswith("| ") and rows is not None:
            name, *cells = (cell.strip(" `*") for cell in line.strip("|").split("|"))
            rows[name] = [number(cell) for cell in cells]
    return found


def number(cell):
    try:
        return float(cell.replace(",", ""))
    except ValueError:
        return None


def known(values):
    return [value for value in values if value is not None]


class Choice:
    """What was measured of one pipeline, over all networks."""

    def __init__(self, name, found):
        size, noise, right, time, folded = (found[title] for title in found)
        pairs = [(a, b) for a, b in zip(size[name], size["ONNX"]) if a]
        self.name = name
        self.sizes = [100 * a / b for a, b in pairs]
        self.noises = [min(db, MOST) for db in known(noise[name])]
        self.size, self.noise = statistics.median(self.sizes), statistics.median(self.noises)
        lost = [b - a for a, b in zip(right[name], right["ONNX"]) if a is not None]
        self.lost, self.worst = statistics.mean(lost), max(lost)
        self.time, self.folded = (statistics.median(known(rows[name])) for rows in (time, folded))


def choices():
    with open(README, encoding="utf-8") as file:
        text = file.read().split("<!-- foreign -->")[1].split("<!-- /foreign -->")[0]
    found = tables(text)
    names = next(iter(found.values()))
    return sorted((Choice(name, found) for name in names if name not in ("", "---", "ONNX")), key=lambda c: c.size)


def across(size, wide):
    share = math.log(size / LEFT) / math.log(RIGHT / LEFT)
    return min(max(share, 0), 1) * wide


def plot(all_choices):
    """A letter for each: to the left what is small, at the top what is exact."""
    grid = [[" "] * (WIDE + 1) for _ in range(HIGH + 1)]
    for letter, choice in zip(string.ascii_uppercase, all_choices):
        row, column = HIGH - round(choice.noise / MOST * HIGH), round(across(choice.size, WIDE))
        while grid[row][column] != " ":
            column += 1
        grid[row][column] = letter
    for i, row in enumerate(grid):
        mark = "%3d" % (MOST - i * MOST // HIGH) if i % 4 == 0 else "   "
        yield (mark + " |" + "".join(row)).rstrip()
    yield "  dB +" + "-" * WIDE
    scale = [" "] * (WIDE + 5)
    for mark in (8, 16, 32, 64):
        at = 5 + round(across(mark, WIDE)) - len(str(mark)) // 2
        scale[at:at + len(str(mark)) + 1] = "%d%%" % mark
    yield "".join(scale).rstrip()


def section():
    """What stands in the page between the marks."""
    everything = choices()
    yield ".Bd -literal -offset 2n"
    yield from plot(everything)
    yield ".Ed"
    yield ".Bl -column M quantize_dynamic 12.3% 12.3 12.3 12.34 12.34"
    yield ".It Ta Ta Sy size Ta Sy dB Ta Sy lost Ta Sy worst Ta Sy time Ta Sy folded"
    for letter, c in zip(string.ascii_uppercase, everything):
        yield ".It %s Ta %s Ta %.1f%% Ta %.0f Ta %.1f Ta %.1f Ta %.2f Ta %.2f" % (
            letter, c.name, c.size, c.noise, c.lost + 0.0, c.worst + 0.0, c.time, c.folded)
    yield ".El"


def svg():
    everything = choices()
    wide, high = 640, 360
    yield ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">'
           % (wide + 210, high + 70))
    yield '<rect width="100%" height="100%" fill="white"/>'
    for mark in (8, 16, 32, 64):
        x = 50 + across(mark, wide)
        yield '<path d="M%.1f 20V%d" stroke="#ddd"/><text x="%.1f" y="%d" text-anchor="middle">%d %%</text>' % (
            x, 20 + high, x, high + 38, mark)
    for mark in range(0, MOST + 1, 20):
        y = 20 + high - mark / MOST * high
        yield '<path d="M50 %.1fH%d" stroke="#ddd"/><text x="44" y="%.1f" text-anchor="end">%d</text>' % (
            y, 50 + wide, y + 4, mark)
    yield '<text x="50" y="%d">payload, of the ONNX file under zstd</text><text x="8" y="14">dB</text>' % (high + 60)
    for i, choice in enumerate(everything):
        colour = "hsl(%d,65%%,42%%)" % (i * 360 // len(everything))
        for size, noise in zip(choice.sizes, choice.noises):
            yield '<circle cx="%.1f" cy="%.1f" r="3" fill="%s" opacity="0.35"/>' % (
                50 + across(size, wide), 20 + high - max(noise, 0) / MOST * high, colour)
        at = 50 + across(choice.size, wide), 20 + high - choice.noise / MOST * high
        yield '<circle cx="%.1f" cy="%.1f" r="7" fill="%s"/>' % (*at, colour)
        yield '<circle cx="%d" cy="%d" r="6" fill="%s"/><text x="%d" y="%d">%s</text>' % (
            wide + 75, 30 + 24 * i, colour, wide + 88, 34 + 24 * i, choice.name)
    yield "</svg>"


def page(before):
    """The page with the figure in its place."""
    head, rest = before.split(START)
    return head + START + "\n".join(section()) + "\n" + END + rest.split(END, 1)[1]


def main():
    with open(PAGE, encoding="utf-8") as file:
        before = file.read()
    wanted = {PAGE: page(before), SVG: "\n".join(svg()) + "\n"}
    stale = 0
    for path, text in wanted.items():
        if sys.argv[1:] == ["--check"]:
            with open(path, encoding="utf-8") as file:
                good = file.read() == text
            stale += not good
            print("%s: %s" % (os.path.basename(path), "as the tables" if good else "not that of the tables"))
        else:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
    sys.exit(stale > 0)


main()
