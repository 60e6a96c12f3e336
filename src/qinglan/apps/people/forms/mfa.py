"""The form of a new passkey in our words; the rest of its kind is translated by its library."""

from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms


class AddKeyForm(AddWebAuthnForm):
    """A passkey or security key and the name that its owner knows it by."""

    name = forms.CharField(label="名称", required=False, max_length=60, help_text="例如“办公室电脑”“手机”。")
