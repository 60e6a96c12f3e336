"""Studies that begin from an office's own table: uploaded, or pasted where one table is enough. What is wrong in it is said with its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.urls import reverse
from django.utils.html import format_html

from qinglan.apps.rehearsal.actions.kinds.shape import StudyForm
from qinglan.apps.rehearsal.states import Kind
from qinglan.core.matching.tables import TableError
from qinglan.core.twin.parameters import ParameterError

MEGABYTE = 2**20


class SheetForm(StudyForm):
    """A kind says `kind`, `most` (megabytes), its own fields, and reads: `read` gives what is kept as cleaned_data["sheet"]."""

    kind: ClassVar[Kind]
    most: ClassVar[int] = 2
    file = forms.FileField(label="填好的表", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        address = reverse("rehearsal:study-template", args=[self.kind.value])
        words = "，填好再上传；上传了文件就不看下面粘贴的表。" if "pasted" in self.fields else "，填好再上传。"
        self.fields["file"].help_text = format_html('先<a href="{}">下载样表</a>{}', address, words)

    def read(self, data: bytes, name: str, uploaded: bool) -> Any:
        """What the bytes of a file called `name` hold, with what the form says besides. Raises TableError, ParameterError."""
        raise NotImplementedError

    def changed(self, fields: Mapping[str, Any], uploaded: bool) -> dict[str, Any]:
        """What the form says of `fields` (name → default): of an uploaded file it changes only what was changed in it."""
        said = self.cleaned_data
        filled = {name: said[name] for name in fields if said.get(name) is not None}
        return {name: value for name, value in filled.items() if not (uploaded and value == fields[name])}

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if self.errors:
            return said
        upload = said.get("file")
        if upload is not None and upload.size > self.most * MEGABYTE:
            raise forms.ValidationError(f"文件超过 {self.most} MB；请只留要算的表再传。")
        data, name = (upload.read(), upload.name) if upload else (said.get("pasted", "").encode(), "粘贴的表")
        try:
            said["sheet"] = self.read(data, name, upload is not None)
        except (TableError, ParameterError) as error:
            raise forms.ValidationError(list(error.problems)) from None
        return said
