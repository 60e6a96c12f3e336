"""What is asked when a person's record is opened or written to."""

from datetime import date
from typing import Any

from django import forms

from qinglan.apps.people.forms.fields import day_after, day_field, place_choices
from qinglan.apps.people.models import Organisation, Person
from qinglan.apps.people.models.words import (
    CertificateLevel,
    ContractKind,
    EducationLevel,
    ExitReason,
    Party,
    PostKind,
    Sex,
    StatusKind,
    Track,
)
from qinglan.core.intake.idnumber import birth_of, fault_of, sex_of, tidy_id

_CHOOSE = ("", "请选择")
LADDERS = ("五级九档", "三岗十八级")  # the profiles that packs know, by the names that the frame reads


class _Fields(forms.Form):
    """The fields of a record; sex and birth date are read from the ID number where it is given."""

    name = forms.CharField(label="姓名", max_length=40)
    id_number = forms.CharField(label="身份证号", required=False, max_length=30)
    sex = forms.ChoiceField(label="性别", required=False, choices=[_CHOOSE, *Sex.choices])
    birth = day_field("出生日期", required=False)
    phone = forms.RegexField(
        r"^1[0-9]{10}$",
        label="手机号",
        required=False,
        error_messages={"invalid": "手机号应为 11 位数字、以 1 开头，请核对。"},
    )
    nation = forms.CharField(label="民族", required=False, max_length=20)
    party = forms.ChoiceField(label="政治面貌", required=False, choices=[("", "未登记"), *Party.choices])
    education = forms.ChoiceField(label="最高学历", required=False, choices=[("", "未登记"), *EducationLevel.choices])
    sw_major = forms.BooleanField(label="社会工作及相关专业", required=False)
    willing = forms.BooleanField(label="本人愿意进入骨干培养", required=False)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_name(self) -> str:
        return "".join(self.cleaned_data["name"].split())

    def clean_id_number(self) -> str:
        number = tidy_id(self.cleaned_data["id_number"])
        if number and (fault := fault_of(number, self.today)):
            raise forms.ValidationError(f"{fault.message}。{fault.mend}。")
        return number

    def _read_number(self, data: dict[str, Any]) -> None:
        if number := data.get("id_number"):
            if not data.get("birth") or "birth" not in self.changed_data:
                data["birth"] = birth_of(number)
            if not data.get("sex") or "sex" not in self.changed_data:
                data["sex"] = Sex.from_words(sex_of(number)).value

    def _sealed(self, data: dict[str, Any]) -> None:
        for name in ("id_number", "phone"):
            if not data.get(name):
                data.pop(name, None)  # what is left empty stays as it is


class NewPersonForm(_Fields):
    """A new record, with her entry and first post when a day is given."""

    org_code = forms.ChoiceField(label="所在机构")
    kind = forms.ChoiceField(label="岗位", required=False, choices=[("", "暂不登记任职"), *PostKind.choices])
    entry_date = day_field("入职日期", required=False, help_text="与岗位一起填：同时登记用工和第一个主岗。")
    contract = forms.ChoiceField(label="用工形式", required=False, choices=[("", "未登记"), *ContractKind.choices])
    field_order = ("org_code", "name", "id_number", "sex", "birth", "phone")

    def __init__(self, *args: Any, places: list[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["org_code"].choices = place_choices(places)  # type: ignore[attr-defined]
        self.fields["id_number"].help_text = "按 GB 11643 校验；性别和出生日期留空时由号码得出。"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self._read_number(data)
        for name in ("sex", "birth"):
            if not data.get(name) and name not in self.errors and "id_number" not in self.errors:
                self.add_error(name, "没有身份证号时须填写这一项。")
        self._sealed(data)
        return data


class PersonFieldsForm(_Fields):
    """The fields of a known person; sealed ones are left empty unless they change."""

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("id_number", "phone"):
            known = getattr(person, name)
            if known:
                self.fields[name].help_text = f"现为 {known.masked()}；不改则留空。"
        self.fields["sex"].required = self.fields["birth"].required = True

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self._read_number(data)
        self._sealed(data)
        return data


class PostForm(forms.Form):
    """A post from a day on."""

    org_code = forms.ChoiceField(label="机构")
    kind = forms.ChoiceField(label="岗位", choices=[_CHOOSE, *PostKind.choices])
    title = forms.CharField(
        label="岗位名称", required=False, max_length=40, help_text="岗位表里没有合适的名称时，选“其他岗位”并写在这里。"
    )
    since = day_field("任职日期", help_text="从这一天起任职；原主岗到前一天为止。")
    until = day_field("最后一天", required=False, help_text="长期任职不填。")
    main = forms.TypedChoiceField(
        label="主岗或兼任",
        choices=[("1", "主岗"), ("0", "兼任")],
        initial="1",
        coerce=lambda value: value == "1",
    )
    track = forms.ChoiceField(label="通道", choices=Track.choices, initial=Track.MANAGEMENT)
    source = forms.CharField(label="依据", required=False, max_length=200)

    def __init__(self, *args: Any, places: list[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["org_code"].choices = place_choices(places)  # type: ignore[attr-defined]

    def clean_until(self) -> date | None:
        return day_after(self.cleaned_data["until"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("kind") == PostKind.OTHER and not data.get("title"):
            self.add_error("title", "选“其他岗位”时请写明岗位名称。")
        return data


class EndPostForm(forms.Form):
    """The last day of a post."""

    on = day_field("最后一天")

    def clean_on(self) -> date | None:
        return day_after(self.cleaned_data["on"])


class BeginForm(forms.Form):
    """Entry."""

    entry_date = day_field("入职日期")
    employer = forms.ChoiceField(label="用工主体")
    contract = forms.ChoiceField(label="用工形式", required=False, choices=[("", "未登记"), *ContractKind.choices])
    probation_until = day_field("试用期至", required=False, help_text="试用期的最后一天；没有则不填。")
    recognised_months = forms.IntegerField(
        label="认定的以往工龄（月）", min_value=0, max_value=600, initial=0, help_text="如协管员转任前经认定的月数。"
    )

    def __init__(self, *args: Any, employers: list[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["employer"].choices = [(one.code, one.name) for one in employers]  # type: ignore[attr-defined]


class LeaveForm(forms.Form):
    """The end of an employment."""

    last_day = day_field("最后一天", help_text="任职、状态、等级同日结束；账号的角色次日起失效。")
    reason = forms.ChoiceField(label="离开原因", choices=[_CHOOSE, *ExitReason.choices])
    note = forms.CharField(label="说明", required=False, max_length=200)


class StatusForm(forms.Form):
    """A status for a span of days."""

    kind = forms.ChoiceField(label="状态", choices=[_CHOOSE, *StatusKind.choices])
    since = day_field("从哪天起", help_text="正在进行的状态到前一天为止。")
    until = day_field("最后一天", required=False, help_text="还不知道则不填。")
    org_code = forms.ChoiceField(label="借调到", required=False, help_text="借调时选填。")
    note = forms.CharField(label="说明", required=False, max_length=200)

    def __init__(self, *args: Any, places: list[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["org_code"].choices = place_choices(places, "不是借调，或借到区外")  # type: ignore[attr-defined]

    def clean_until(self) -> date | None:
        return day_after(self.cleaned_data["until"])


class CertificateForm(forms.Form):
    """A social work certificate."""

    level = forms.ChoiceField(label="级别", choices=[_CHOOSE, *CertificateLevel.choices])
    issued = day_field("取得日期")
    number = forms.CharField(label="证书编号", required=False, max_length=40)
    registered_until = day_field("登记有效期至", required=False, help_text="登记有效期的最后一天；未登记则不填。")


class RenewForm(forms.Form):
    """A registration of a certificate prolonged."""

    registered_until = day_field("新的登记有效期至", help_text="须晚于原有效期。")


class SchoolingForm(forms.Form):
    """An education finished."""

    level = forms.ChoiceField(label="学历", choices=[_CHOOSE, *EducationLevel.choices])
    school = forms.CharField(label="学校", required=False, max_length=80)
    major = forms.CharField(label="专业", required=False, max_length=60)
    sw_major = forms.BooleanField(label="社会工作及相关专业", required=False)
    degree = forms.CharField(label="学位", required=False, max_length=20)
    graduated = day_field("毕业日期")


class GradeForm(forms.Form):
    """A grade on a ladder from a day on."""

    ladder = forms.ChoiceField(label="等级体系", choices=[(name, name) for name in LADDERS])
    grade = forms.IntegerField(label="第几档（级）", min_value=1, max_value=40, help_text="从最低的 1 数起。")
    since = day_field("从哪天起", help_text="原等级到前一天为止。")
    reason = forms.CharField(label="依据", max_length=200, help_text="例如：2025 年度考核晋档的文号。")


class MergeForm(forms.Form):
    """Which of two records stays, and why they are one person."""

    kept = forms.TypedChoiceField(
        label="保留哪一份", coerce=int, widget=forms.RadioSelect(attrs={"class": "form-check-input"})
    )
    reason = forms.CharField(label="理由", max_length=200, help_text="例如：身份证录错一位，经本人确认为同一人。")

    def __init__(self, *args: Any, pair: list[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kept"].choices = [(one.pk, f"档案 {one.pk}") for one in pair]  # type: ignore[attr-defined]
