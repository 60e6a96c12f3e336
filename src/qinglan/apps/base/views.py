"""The gallery of the page parts: what each looks like and how a template calls it; and how a page that waited goes on."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from qinglan.apps.base.tables import NumberColumn, ScoreColumn, Table, page_of

RADAR = {
    "kind": "radar",
    "labels": ["政治引领", "群众工作", "矛盾调解", "应急处置", "数字应用", "项目运作"],
    "series": [
        {"name": "本人", "values": [4.2, 3.8, 3.5, 4.0, 2.9, 3.1]},
        {"name": "层级要求", "values": [4.0, 4.0, 4.0, 3.5, 3.5, 3.5]},
    ],
    "max": 5,
    "unit": "分，满分 5",
}
STEPS = [
    {
        "label": "四方评价加权",
        "value": "86.40",
        "unit": "分",
        "item": "考核",
        "clause": "第八条",
        "source": "示例办法（合成数据）",
        "note": "居民 40%、街道 30%、同事 20%、自评 10%",
    },
    {"label": "居民评价", "missing": "样本 7 份，少于 10 份，按规定不计入", "item": "考核", "clause": "第九条"},
    {
        "label": "年度得分",
        "value": "86.40",
        "unit": "分",
        "item": "考核",
        "clause": "第十条",
        "source": "示例办法（合成数据）",
    },
]


def send_on(request: HttpRequest, address: str) -> HttpResponse:
    """To `address`, which is a whole page: a part of a page that asked for the next part has the whole page go there."""
    if not request.headers.get("HX-Request"):
        return redirect(address)
    response = HttpResponse()
    response["HX-Redirect"] = address
    return response


class SampleTable(Table):
    """Three rows, to see the table's look."""

    exportable = False
    caption = "示例"
    people = NumberColumn(verbose_name="人数")
    score = ScoreColumn(verbose_name="平均分")

    class Meta(Table.Meta):
        sequence = ("people", "score")


def _job(done: int) -> dict[str, Any]:
    done = min(done, 5)
    return {
        "label": "导入花名册",
        "done": done,
        "total": 5,
        "state": "done" if done == 5 else "running",
        "message": "正在核对第 3 张表" if done < 5 else "全部核对完毕",
        "url": reverse("base:sample-progress", args=[done + 1]),
    }


def _for_builders(request: HttpRequest) -> None:
    if not (settings.DEBUG or request.user.is_staff):
        raise Http404


@require_GET
def components(request: HttpRequest) -> HttpResponse:
    """Show every part once; for those who build and look after the system."""
    _for_builders(request)
    rows = [{"people": 2241, "score": 8550}, {"people": 186, "score": 9125}, {"people": 12, "score": None}]
    context = {
        "path": [("总览", "/"), ("页面部件", "")],
        "radar": RADAR,
        "lines": STEPS,
        "table": page_of(request, SampleTable(rows, request=request)),
        "job": _job(3),
        "known": [("姓名", "林晓青"), ("编号", "T0001"), ("备注", None)],
    }
    return render(request, "base/components.html", context)


@require_GET
def sample_progress(request: HttpRequest, done: int) -> HttpResponse:
    """One answer to the sample's question how far the work is."""
    _for_builders(request)
    return render(request, "base/_progress.html", {"job": _job(done)})
