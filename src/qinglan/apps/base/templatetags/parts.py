"""The parts pages are made of. The gallery at /components/ shows each with its call."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, FileInput, RadioSelect, Select
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

# A badge says its meaning in words and with a sign; the colour only helps.
BADGE_ICONS = {
    "good": "check-circle",
    "warn": "warning",
    "bad": "stop",
    "info": "info",
    "qing": "flag",
    "plain": "",
}
NOTE_ICONS = {"info": "info", "success": "check-circle", "warning": "warning", "danger": "stop", "error": "stop"}


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """One icon of the sprite (assets/icons.json); decoration, so readers of the screen do not hear it."""
    return format_html(
        '<svg class="ql-icon{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        f" ql-icon-{size}" if size else "",
        static("qinglan/icons.svg"),
        name,
    )


@register.simple_tag
def badge(text: Any, kind: str = "plain", sign: str | None = None) -> SafeString:
    """A state: word and sign. `kind` is good, warn, bad, info, qing or plain; `sign` an icon other than the kind's."""
    name = BADGE_ICONS[kind] if sign is None else sign
    return format_html('<span class="ql-badge ql-badge-{}">{}{}</span>', kind, icon(name) if name else "", text)


@register.simple_block_tag
def note(content: str, kind: str = "info") -> SafeString:
    """A remark in the flow of the page: info, success, warning or danger."""
    role = "alert" if kind in {"danger", "error"} else "status"
    return format_html(
        '<div class="ql-note ql-note-{}" role="{}">{}<div>{}</div></div>', kind, role, icon(NOTE_ICONS[kind]), content
    )


@register.simple_block_tag
def head(content: str, title: str, lead: str = "") -> SafeString:
    """The head of a page: its title, one line below, and within the block its actions (one of them primary)."""
    return format_html(
        '<header class="ql-head"><div><h1>{}</h1>{}</div><div class="ql-actions">{}</div></header>',
        title,
        format_html("<p>{}</p>", lead) if lead else "",
        content,
    )


@register.simple_block_tag
def nothing(content: str, title: str, sign: str = "inbox") -> SafeString:
    """What stands where nothing is yet: why it is empty, and within the block what to do next."""
    return format_html('<div class="ql-empty">{}<h2 class="h3">{}</h2>{}</div>', icon(sign), title, content)


@register.inclusion_tag("base/_stat.html")
def stat(label: str, value: Any, url: str = "", unit: str = "", text: str = "", sign: str = "") -> dict[str, Any]:
    """A figure with its name; `url` leads to what it counts."""
    # the sums of a district stay on one line
    long = len(str(value)) > 11
    return {"label": label, "value": value, "url": url, "unit": unit, "text": text, "sign": sign, "long": long}


@register.inclusion_tag("base/_dl.html")
def facts_of(items: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """A list of (name, value): what is known about one thing."""
    return {"items": items}


@register.inclusion_tag("base/_steps.html")
def steps(lines: Sequence[Any], title: str = "为什么是这个数", result: str = "", ask: str = "") -> dict[str, Any]:
    """The steps of a figure in order. A line has label, value, unit, item, clause, applied, source, note, missing (a reason).

    The column of notes stands only where a line has one. `ask`: the address at which a line (family, name) can be objected to.
    """
    notes = any(line.get("note") for line in lines)
    return {"lines": lines, "title": title, "result": result, "notes": notes, "ask": ask}


def _written(value: float | None, places: int | None = None) -> str:
    """A value of a chart in its table: two places as everywhere, counts without; or as many as asked."""
    if value is None:
        return "—"
    if places is not None:
        return f"{value:,.{places}f}"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"


# What a band chart holds of each series, in the order of its table.
BAND = {"values": "中位", "low": "5%", "first": "25%", "third": "75%", "high": "95%"}


@register.inclusion_tag("base/_chart.html")
def chart(name: str, title: str, data: Mapping[str, Any], table: bool = True, fold: bool = False) -> dict[str, Any]:
    """A chart with its table. `data`: kind (radar, line, bar, pie, band, xy), labels, series [{name, values}], max, unit, zero, places.

    The values are plain numbers ready to be read (85.5, not 8550); None is a gap and is written as a dash. A series of a band
    chart has low, first, third and high beside its values; of a chart xy `at` says where each label stands on the axis `across`.
    `zero` False: the axis need not begin at nought, which is said below the chart. `places`: how many the table writes. `fold`:
    the table stands folded under the chart.
    """
    keys = BAND if data["kind"] == "band" else {"values": ""}
    heads = [f"{one['name']} {word}".strip() for one in data["series"] for word in keys.values()]
    columns = [one[key] for one in data["series"] for key in keys]
    places = data.get("places")
    rows = [(label, [_written(column[i], places) for column in columns]) for i, label in enumerate(data["labels"])]
    return {
        "name": name, "title": title, "data": data, "source": json.dumps(data, ensure_ascii=False), "heads": heads, "rows": rows,
        "table": table, "fold": fold, "cut": data.get("zero") is False,
    }  # fmt: skip


@register.inclusion_tag("base/_progress.html")
def progress(job: Mapping[str, Any]) -> dict[str, Any]:
    """A long piece of work. `job`: label, done, total, state (running, done, failed), message, url to ask again."""
    return {"job": job}


@register.filter
def control(field: BoundField) -> SafeString:
    """A form field's control in our look."""
    widget = field.field.widget
    if isinstance(widget, CheckboxSelectMultiple | RadioSelect):
        return field.as_widget()
    if isinstance(widget, CheckboxInput):
        kind = "form-check-input"
    elif isinstance(widget, Select):
        kind = "form-select"
    else:
        kind = "form-control"
    wrong = " is-invalid" if field.errors else ""
    own = widget.attrs.get("class", "")
    return field.as_widget(attrs={"class": f"{kind}{wrong} {own}".strip()})


@register.filter
def is_check(field: BoundField) -> bool:
    """Whether the field is a single tick box: its label stands behind it."""
    return isinstance(field.field.widget, CheckboxInput)


@register.filter
def is_file(field: BoundField) -> bool:
    """Whether the field takes a file."""
    return isinstance(field.field.widget, FileInput)
