"""The export of all that is held about a person: for herself, or by an officer on her behalf; each is recorded."""

import io
import json
import zipfile
from typing import Any
from urllib.parse import quote

import xlsxwriter
from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from qinglan.apps.people.actions import access
from qinglan.apps.people.forms.fields import SureForm
from qinglan.apps.people.permissions import REVEAL, get_person_for
from qinglan.apps.people.queries.everything import Section
from qinglan.apps.people.views.frame import crumbs

README = """本压缩包是青蓝系统里关于您的全部数据（个人信息保护法第四十五条）。
全部数据.xlsx  每类数据一张表，供阅读。
全部数据.json  同样的数据，供其他程序读取（第四十五条第三款，转移）。
身份证号和手机号是完整的，请妥善保管。密码只存有不可还原的哈希，不在其中。您提交的附件请在原页面下载。
如有不准确之处，可在系统里申请更正，或联系所在街道、区级管理员。
"""


class BehalfForm(forms.Form):
    """Why an officer takes a person's data out."""

    reason = forms.CharField(
        label="理由", max_length=200, help_text="例如：本人书面申请，编号…。理由与时间会留痕，本人看得到。"
    )


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def everything(request: HttpRequest, person_id: int) -> HttpResponse:
    """All about one person as a zip of a workbook and JSON."""
    user: Any = request.user
    own = user.person_id == person_id
    one = get_person_for(user, person_id) if own else get_person_for(user, person_id, REVEAL)
    form: forms.Form = (SureForm if own else BehalfForm)(request.POST if request.method == "POST" else None)
    if form.is_valid():
        sections = access.everything_about(person=one, reason=form.cleaned_data.get("reason", ""), by=user)
        return _zip(sections, f"{one.name}的全部数据{timezone.localdate():%Y%m%d}")
    context = {
        "form": form, "title": f"{one.name}：导出全部数据", "button": "导出",
        "lead": "系统里关于本人的全部数据，含完整身份证号和手机号、各年结果、以及谁查看过。导出会留痕。",
        "back": reverse("people:person", args=[one.pk]),
        "path": [*crumbs(user, one.org_code, timezone.localdate()), (one.name, reverse("people:person", args=[one.pk])), ("导出全部数据", "")],
    }  # fmt: skip
    return render(request, "people/form.html", context)


def _zip(sections: list[Section], name: str) -> HttpResponse:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("说明.txt", README)
        archive.writestr("全部数据.json", _json(sections))
        archive.writestr("全部数据.xlsx", _workbook(sections))
    response = HttpResponse(file.getvalue(), content_type="application/zip")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}.zip"
    return response


def _json(sections: list[Section]) -> str:
    content = {one.label: {"title": one.title, "rows": one.as_dicts()} for one in sections}
    return json.dumps(content, ensure_ascii=False, indent=1, default=str)


def _workbook(sections: list[Section]) -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    bold = book.add_format({"bold": True, "bg_color": "#EEF3F3", "bottom": 1})
    for at, one in enumerate(sections, start=1):
        title = "".join(char for char in one.title if char not in "[]:*?/\\")
        sheet = book.add_worksheet(f"{at} {title}"[:31])
        for column, label in enumerate(one.columns):
            sheet.write_string(0, column, label, bold)
        for row, values in enumerate(one.rows, start=1):
            for column, value in enumerate(values):
                if isinstance(value, int | float) and not isinstance(value, bool):
                    sheet.write_number(row, column, value)
                elif value is not None:
                    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
                    sheet.write_string(row, column, text[:32_000])
        sheet.freeze_panes(1, 0)
    book.close()
    return file.getvalue()
