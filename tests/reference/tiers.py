"""Tiers, from S0 一（三）（四）: leaders are 中坚; two years, experience and willingness make a 骨干."""

from datetime import date, timedelta
from typing import Any

MISSING = -(1 << 62)
POSTS = {
    1: "党组织书记兼居委会主任", 2: "党组织书记", 3: "居委会主任", 4: "副书记", 5: "副主任",
    6: "两委委员", 7: "社区工作者", 8: "网格员", 9: "专职社工室社工",
}  # fmt: skip


def day(number: int) -> date:
    return date(1970, 1, 1) + timedelta(days=number)


def months(since: date, until: date) -> int:
    """Whole months by walking the calendar one month at a time."""
    count = 0
    while True:
        year, month = divmod(since.year * 12 + since.month - 1 + count + 1, 12)
        last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
        if date(year, month + 1, min(since.day, last)) > until:
            return count
        count += 1


def tier(rows: list[dict[str, int]], values: Any) -> list[dict[str, int]]:
    results = []
    leading = values["diagnose.tier_entry.pillar_posts"]
    for row in rows:
        post = row.get("post", MISSING)
        if post <= MISSING:
            results.append({"tier": 0})
            continue
        result: dict[str, int] = {}
        entry = row.get("entry_date", MISSING)
        served = -1
        if entry > MISSING:
            served = months(day(entry), day(row["as_of"]) + timedelta(days=1))
            result["months_since_entry"] = served
        if leading.get(POSTS[post], leading.get("其余")):
            result["tier"] = 3
        elif served >= values["diagnose.tier_entry.backbone_months"] and row.get("willing") == 1:
            result["tier"] = 2
        else:
            result["tier"] = 1
        results.append(result)
    return results


REFERENCES = {"diagnose.tier_entry": tier}
