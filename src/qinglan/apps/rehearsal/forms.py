"""What is chosen for a rehearsal; the draft that its values become; which rehearsals and studies, which groups are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms

from qinglan.apps.rehearsal.queries.scenarios import MOST_REPLICATES, MOST_SEED, MOST_YEARS
from qinglan.apps.rehearsal.queries.showing import DIMENSIONS, MEASURES
from qinglan.apps.rehearsal.states import Kind, State


class NewForm(forms.Form):
    """`places`: code → name of the district and its streets. `packs`: number → name of the packs besides the year's own."""

    name = forms.CharField(label="名称", max_length=80, help_text="例如“证书津贴提高、师傅多带一人”")
    place = forms.ChoiceField(label="范围")
    years = forms.IntegerField(
        label="推演几年", min_value=1, max_value=MOST_YEARS, initial=10, help_text=f"1 到 {MOST_YEARS}"
    )
    replicates = forms.IntegerField(
        label="重复几次", min_value=2, max_value=MOST_REPLICATES, initial=100,
        help_text=f"2 到 {MOST_REPLICATES}；次数越多，区间越准，用时越长",
    )  # fmt: skip
    seed = forms.IntegerField(
        label="随机种子", min_value=0, max_value=MOST_SEED, initial=1, help_text="同一种子得同样的结果"
    )
    base_text = forms.ChoiceField(label="现行照哪份政策包", required=False)
    other_text = forms.ChoiceField(label="方案照哪份政策包", required=False, help_text="上面改的值加在它上面")

    def __init__(self, *args: Any, places: Mapping[str, str], packs: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = list(places.items())  # type: ignore[attr-defined]
        self.fields["base_text"].choices = [("", "起始年度用的那份"), *packs.items()]  # type: ignore[attr-defined]
        self.fields["other_text"].choices = [("", "与现行同一份"), *packs.items()]  # type: ignore[attr-defined]


class FileForm(forms.Form):
    """A scenario file to begin from."""

    file = forms.FileField(
        label="情景文件（.yaml）", widget=forms.FileInput(attrs={"accept": ".yaml,.yml,text/plain"}),
        error_messages={"required": "请选一个情景文件。", "empty": "这个文件是空的；请选从推演页下载的 .yaml 文件。"},
    )  # fmt: skip


class AdoptForm(forms.Form):
    """The head of the draft pack, and on what ground its values stand."""

    title = forms.CharField(label="名称", max_length=120, help_text="例如“桃源区政策包（2027 年修订）”")
    version = forms.CharField(label="版本", max_length=40, help_text="例如“2027.1”")
    setting = forms.CharField(
        label="依据", min_length=4, max_length=200,
        error_messages={"min_length": "依据太短，至少写 4 个字：哪份文件、哪次会议或什么理由。"},
        help_text="例如“区政府常务会议纪要〔2026〕8 号”",
    )  # fmt: skip
    year = forms.TypedChoiceField(label="自哪一年起", coerce=int)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        years = range(today.year + 1, today.year - 2, -1)
        self.fields["year"].choices = [(year, f"{year} 年 1 月 1 日") for year in years]  # type: ignore[attr-defined]
        self.fields["year"].widget.attrs |= {  # what is in force differs by the day: the table above is asked for anew
            "hx-get": "", "hx-trigger": "change", "hx-select": "#adopt-values", "hx-target": "#adopt-values", "hx-swap": "outerHTML",
        }  # fmt: skip

    def since(self, asked: str) -> date:
        """The first day of the year that is chosen: in what was sent, else `asked`, else the first one offered."""
        years = [str(year) for year, _ in self.fields["year"].choices]  # type: ignore[attr-defined]
        given = str(self.data.get("year", "") if self.is_bound else asked)
        return date(int(given if given in years else years[0]), 1, 1)


class ListForm(forms.Form):
    """Which rehearsals are shown."""

    q = forms.CharField(label="名称", required=False, max_length=80)
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), *State.choices])


class StudyListForm(forms.Form):
    """Which studies are shown."""

    q = forms.CharField(label="名称", required=False, max_length=80)
    kind = forms.ChoiceField(label="种类", required=False, choices=[("", "全部"), *Kind.choices])
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), *State.choices])


class GroupForm(forms.Form):
    """Which way to group, what of the groups, in which year. `years`: those that were lived."""

    by = forms.ChoiceField(label="按", choices=list(DIMENSIONS.items()))
    of = forms.ChoiceField(label="看什么", choices=list(MEASURES.items()))
    year = forms.TypedChoiceField(label="哪一年", coerce=int)
    q = forms.CharField(label="找组", required=False, max_length=40)

    def __init__(self, *args: Any, years: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].choices = [(year, f"{year} 年") for year in years]  # type: ignore[attr-defined]


class WinnerForm(forms.Form):
    """Which way to group those of the start, and up to which year."""

    by = forms.ChoiceField(label="按", choices=[("all", "全部"), *DIMENSIONS.items()])
    year = forms.TypedChoiceField(label="到哪一年末", coerce=int)
    q = forms.CharField(label="找组", required=False, max_length=40)

    def __init__(self, *args: Any, years: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].choices = [(year, f"{year} 年") for year in years]  # type: ignore[attr-defined]


class ParameterForm(forms.Form):
    """Which behavioural parameters are shown."""

    q = forms.CharField(label="名称、代号或出处", required=False, max_length=40)
    basis = forms.ChoiceField(
        label="来历", required=False, choices=[("", "全部"), ("source", "有出处"), ("assumed", "假设")]
    )
