"""Pictures of a run's rows: one SVG each, overview.svg with all of them, and index.html that shows them.

The same results make the same bytes. A picture has its own background, so that it reads on light and dark pages, and
says in words what it shows."""

import math
import pathlib
import re
from xml.sax.saxutils import escape, quoteattr

# Pixels.
WIDTH = 800
MARGIN = 24
NAMES_WIDTH = 170
VALUES_WIDTH = 200
PLOT_LEFT = MARGIN + NAMES_WIDTH + 12
PLOT_RIGHT = WIDTH - MARGIN - VALUES_WIDTH - 12
BAR_HEIGHT = 20
BAR_STEP = 42
GAP = 16  # between the panels of the overview
TEXT = 13
SMALL = 11
CHARACTER = 0.62  # width of one on average, of the font's size; rather too wide than too narrow

INK = "#1f2328"
QUIET = "#59636e"
GRID = "#e3e7eb"
FRAME = "#d1d9e0"
OURS = "#1f6fb5"
PEER = "#9aa4ae"
AIM = "#b54708"
GOOD = "#1a7f37"
BAD = "#b42318"


def write(results, folder):
    """Writes the pictures of `results`, which are rows as rows.row() and rows.failed() make them."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    panels = []
    items = []
    for result, name in zip(results, _file_names(results)):
        body, height = _panel(result)
        told = _told(result)
        _save(folder / name, _document(body, height, _clean(result["row"]), told))
        panels.append((body, height))
        items.append(f"<figure><img src={quoteattr(name)} alt={quoteattr(told)}></figure>")

    stacked = []
    top = 0
    for body, height in panels:
        stacked.append(f'<g transform="translate(0 {top})">{body}</g>')
        top += height + GAP
    rows = ", ".join(_clean(result["row"]) for result in results)
    _save(folder / "overview.svg",
          _document("\n".join(stacked), max(top - GAP, 1), "All rows of a run", f"The rows {rows}."))
    _save(folder / "index.html", _PAGE.format(figures="\n".join(items)))


_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>tests/bench</title>
<style>
:root {{ color-scheme: light dark; font-family: system-ui, sans-serif; }}
body {{ max-width: 800px; margin: 2rem auto; padding: 0 1rem; }}
figure {{ margin: 0 0 1rem; }}
img {{ max-width: 100%; }}
</style>
</head>
<body>
<h1>tests/bench</h1>
<p>Medians of the rounds; a whisker spans the lowest and the highest. The dashed line is the aim.</p>
{figures}
</body>
</html>
"""


def _save(path, text):
    path.write_bytes(text.encode("utf-8", errors="replace"))


def _file_names(results):
    used = {"overview.svg"}
    for result in results:
        stem = re.sub(r"[^A-Za-z0-9]+", "-", str(result["row"])).strip("-").lower()[:60] or "row"
        name = f"{stem}.svg"
        number = 2
        while name in used:
            name = f"{stem}-{number}.svg"
            number += 1
        used.add(name)
        yield name


# What a row says


def _clean(text):
    """Without what XML cannot hold."""
    return re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "?", str(text))


def _known(value):
    """The number to draw, None when there is none."""
    return value if isinstance(value, (int, float)) and math.isfinite(value) else None


def _figure(value):
    if _known(value) is None:
        return "no figure"
    if value == 0:
        return "0"
    if abs(value) >= 1e11 or abs(value) < 1e-3:
        return f"{value:.2e}"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _sides(result):
    """Name, value, and lowest and highest of each side; ours first."""
    spread = result.get("spread") or {}
    for name, value in [("ours", result.get("ours")), *(result.get("peers") or {}).items()]:
        low, high = (_known(end) for end in spread.get(name) or (None, None))
        if low is None or high is None:
            low = high = _known(value)
        yield name, _known(value), low, high


def _against(result):
    """The peer that the ratio is to, None if there is none or it is not told."""
    peers = list(result.get("peers") or {})
    if _known(result.get("ratio")) is None:
        return None
    return result.get("against") or (peers[0] if len(peers) == 1 else None)


def _aim_value(result):
    """Where the aim is on the axis of the values, None if it is not there."""
    aim = _known(result.get("aim"))
    if aim is None or _known(result.get("ratio")) is None:
        return aim
    peer = _known((result.get("peers") or {}).get(_against(result)))
    return None if peer is None else aim * peer


def _aim_text(result):
    if _known(result.get("aim")) is None:
        return ""
    aim = f"aim: {result.get('aim_is') or ''} {_figure(result['aim'])}".replace("  ", " ")
    if _known(result.get("ratio")) is None:
        return f"{aim} {result.get('unit') or ''}".rstrip()
    return f"{aim} × {_against(result) or 'the peer'}; this run {_figure(result['ratio'])} ×"


def _told(result):
    """The row in words, for those who do not see it."""
    if "error" in result:
        return _clean(f"{result['row']}: no figure. {result['error']}")
    unit = result.get("unit") or ""
    sides = "; ".join(f"{name} {_figure(value)}" + (f" ({_figure(low)} to {_figure(high)})" if low != high else "")
                      for name, value, low, high in _sides(result))
    told = f"{result['row']}, {unit}: {sides}."
    if aim := _aim_text(result):
        told += f" {aim[0].upper()}{aim[1:]}, {'met' if result.get('met') else 'missed'}."
    return _clean(told)


# How it is drawn


def _text(x, y, text, size=TEXT, fill=INK, anchor="start", weight="normal"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{fill}" text-anchor="{anchor}" '
            f'font-weight="{weight}">{escape(_clean(text))}</text>')


def _line(x1, y1, x2, y2, stroke, more=""):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{stroke}"{more}/>'


def _width(text, size):
    return len(text) * size * CHARACTER


def _wrap(text, width, size, most):
    """Lines no wider than `width`, at most `most` of them; the last one ends in dots if text is left over."""
    limit = max(4, int(width / (size * CHARACTER)))
    lines = [""]
    for word in _clean(text).split():
        while word:
            if len(lines[-1]) + bool(lines[-1]) + len(word) <= limit:
                lines[-1] = f"{lines[-1]} {word}".strip()
                break
            if lines[-1]:
                lines.append("")
            else:
                lines[-1], word = word[:limit], word[limit:]
    if len(lines) > most:
        lines = lines[:most]
        lines[-1] = lines[-1][:limit - 1].rstrip() + "…"
    return [line for line in lines if line]


def _ticks(top):
    """Round numbers from 0 to at most `top`, few enough that their labels stand apart."""
    for count in (5, 4, 3, 2, 1):
        raw = top / count
        power = 10.0 ** math.floor(math.log10(raw))
        step = next((power * nice for nice in (1, 2, 2.5, 5, 10) if power * nice >= raw * 0.999), raw)
        ticks = [step * number for number in range(int(top / step * 1.001) + 1)]
        room = (PLOT_RIGHT - PLOT_LEFT) * step / top
        if max(_width(_figure(tick), SMALL) for tick in ticks) + 10 <= room:
            return ticks
    return [0]


def _panel(result):
    """The drawing of one row, without a document around it, and its height."""
    parts = []
    y = MARGIN + 12
    inner = WIDTH - 2 * MARGIN
    verdict, colour = (("no figure", BAD) if "error" in result else ("aim met", GOOD) if result.get("met") else
                       ("aim missed", BAD))
    if "error" in result or _known(result.get("aim")) is not None:
        parts.append(_text(WIDTH - MARGIN, y, verdict, TEXT, colour, "end", "bold"))
    for line in _wrap(result["row"], inner - 110, 17, 2):
        parts.append(_text(MARGIN, y, line, 17, INK, weight="bold"))
        y += 21
    if "error" in result:
        for line in _wrap(result["error"], inner, TEXT, 6):
            parts.append(_text(MARGIN, y, line, TEXT))
            y += 18
        return _framed(parts, y + 4)

    for line in _wrap(result.get("note") or "", inner, SMALL + 1, 4):
        parts.append(_text(MARGIN, y, line, SMALL + 1, QUIET))
        y += 16
    if aim := _aim_text(result):
        for line in _wrap(aim, inner, SMALL + 1, 2):
            parts.append(_text(MARGIN, y, line, SMALL + 1, AIM))
            y += 16
    parts.append(_text(WIDTH - MARGIN, y + 8, result.get("unit") or "", SMALL, QUIET, "end"))
    y += 18
    height = _bars(parts, y, list(_sides(result)), _aim_value(result))
    return _framed(parts, y + height)


def _bars(parts, top, sides, aim):
    """Draws the axis, the bars and the aim's line from `top` downwards; answers their height."""
    largest = max([0.0, *(value for _, *side in sides for value in side if value is not None), aim or 0.0])
    scale_top = largest * 1.04 if largest > 0 else 1.0

    def at(value):
        return PLOT_LEFT + (PLOT_RIGHT - PLOT_LEFT) * min(max(value / scale_top, 0.0), 1.0)

    bottom = top + BAR_STEP * len(sides)
    for tick in _ticks(scale_top):
        parts.append(_line(at(tick), top, at(tick), bottom, GRID))
        parts.append(_text(at(tick), bottom + 15, _figure(tick), SMALL, QUIET, "middle"))
    for number, side in enumerate(sides):
        _bar(parts, top + BAR_STEP * (number + 0.5), side, at, OURS if number == 0 else PEER)
    parts.append(_line(PLOT_LEFT, top, PLOT_LEFT, bottom, QUIET))
    if aim is not None:
        parts.append(_line(at(aim), top - 2, at(aim), bottom, AIM, ' stroke-width="2" stroke-dasharray="5 4"'))
        parts.append(_text(at(aim), top - 6, "aim", SMALL, AIM, "middle"))
    return BAR_STEP * len(sides) + 24


def _bar(parts, middle, side, at, fill):
    name, value, low, high = side
    lines = _wrap(name, NAMES_WIDTH, TEXT, 2)
    for number, line in enumerate(lines):
        y = middle + 5 + 16 * (number - (len(lines) - 1) / 2)
        parts.append(_text(MARGIN + NAMES_WIDTH, y, line, TEXT, INK, "end", "bold" if fill == OURS else "normal"))
    spread = low is not None and low != high
    parts.append(_text(WIDTH - MARGIN, middle + (-1 if spread else 5), _figure(value), TEXT, INK, "end", "bold"))
    if value is not None:
        parts.append(f'<rect x="{PLOT_LEFT}" y="{middle - BAR_HEIGHT / 2:.1f}" width="{at(value) - PLOT_LEFT:.1f}" '
                     f'height="{BAR_HEIGHT}" fill="{fill}"/>')
    if spread:
        parts.append(_text(WIDTH - MARGIN, middle + 14, f"{_figure(low)} to {_figure(high)}", SMALL, QUIET, "end"))
        parts.append(_line(at(low), middle, at(high), middle, INK, ' stroke-width="1.5"'))
        for end in (low, high):
            parts.append(_line(at(end), middle - 5, at(end), middle + 5, INK, ' stroke-width="1.5"'))


def _framed(parts, height):
    height = round(height) + 12
    frame = (f'<rect x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="6" fill="#ffffff" '
             f'stroke="{FRAME}"/>')
    return "\n".join([frame, *parts]), height


def _document(body, height, title, told):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
            f'viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="title desc" '
            f'font-family="system-ui, \'DejaVu Sans\', sans-serif">\n'
            f'<title id="title">{escape(title)}</title>\n<desc id="desc">{escape(told)}</desc>\n{body}\n</svg>\n')
