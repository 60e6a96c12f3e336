"""The back-test as a picture (SVG): the band of the twin and what was recorded, month by month."""

from html import escape

from qinglan.core.twin.backtest import Backtest, Line

WIDTH, HEIGHT, LEFT, TOP, GAP = 360, 220, 52, 40, 40
BAND, MIDDLE, RECORDED, TEXT = "#b9d3d3", "#1f6f6f", "#b23a2e", "#333333"
FONT = "system-ui, 'Noto Sans CJK SC', 'Microsoft YaHei', sans-serif"
TICKS = 4


def svg(made: Backtest) -> str:
    """Two panels: heads, and those who left so far."""
    width, height = 2 * (LEFT + WIDTH) + GAP + 16, TOP + HEIGHT + 56
    panels = [_panel(line, made.shown, 8 + number * (LEFT + WIDTH + GAP)) for number, line in enumerate(made.lines)]
    label = f"{made.shown} 年：{made.fitted[0]}–{made.fitted[1]} 年定参数的推演与记录"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(label)}">',
            f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
            f'<g font-family="{FONT}" font-size="12" fill="{TEXT}">',
            *panels,
            _key(width, height),
            "</g></svg>",
            "",
        ]
    )


def _panel(line: Line, year: int, at: int) -> str:
    everything = [*line.low, *line.high, *line.recorded]
    bottom, top = min(everything), max(everything)
    room = max(top - bottom, 1.0) * 0.08
    bottom, top = max(bottom - room, 0.0), top + room

    def x(month: int) -> str:
        return f"{at + LEFT + WIDTH * month / 11:.1f}"

    def y(value: float) -> str:
        return f"{TOP + HEIGHT * (top - value) / (top - bottom):.1f}"

    months = range(12)
    around = [f"{x(m)},{y(line.high[m])}" for m in months] + [f"{x(m)},{y(line.low[m])}" for m in reversed(months)]
    middle = " ".join(f"{x(m)},{y(line.middle[m])}" for m in months)
    ticks = [bottom + (top - bottom) * number / TICKS for number in range(TICKS + 1)]
    return "\n".join(
        [
            f'<text x="{at + LEFT}" y="{TOP - 16}" font-size="14">{escape(f"{year} 年{line.label}（{line.unit}）")}</text>',
            *(f'<line x1="{at + LEFT}" x2="{at + LEFT + WIDTH}" y1="{y(one)}" y2="{y(one)}" stroke="#dddddd"/>' for one in ticks),
            *(f'<text x="{at + LEFT - 6}" y="{y(one)}" dy="4" text-anchor="end">{one:,.0f}</text>' for one in ticks),
            *(f'<text x="{x(m)}" y="{TOP + HEIGHT + 18}" text-anchor="middle">{m + 1}</text>' for m in months),
            f'<polygon points="{" ".join(around)}" fill="{BAND}"/>',
            f'<polyline points="{middle}" fill="none" stroke="{MIDDLE}" stroke-width="2"/>',
            *(f'<circle cx="{x(m)}" cy="{y(line.recorded[m])}" r="3.5" fill="{RECORDED}"/>' for m in months),
        ]
    )  # fmt: skip


def _key(width: int, height: int) -> str:
    at, y = LEFT + 8, height - 12
    return (
        f'<rect x="{at}" y="{y - 10}" width="24" height="10" fill="{BAND}"/><text x="{at + 30}" y="{y}">推演 5%–95%</text>'
        f'<line x1="{at + 130}" x2="{at + 154}" y1="{y - 5}" y2="{y - 5}" stroke="{MIDDLE}" stroke-width="2"/>'
        f'<text x="{at + 160}" y="{y}">推演中位</text><circle cx="{at + 250}" cy="{y - 5}" r="3.5" fill="{RECORDED}"/>'
        f'<text x="{at + 260}" y="{y}">记录</text><text x="{width - 16}" y="{y}" text-anchor="end">月</text>'
    )
