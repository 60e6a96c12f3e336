"""What the list of places is narrowed by."""

from __future__ import annotations

from django import forms


class PlaceFilterForm(forms.Form):
    q = forms.CharField(label="名称或代码", max_length=40, required=False)
