"""The refusal that every action of this app raises."""

from django.core.exceptions import ValidationError


class ActionError(ValidationError):
    """A write was refused; the message says what is wrong and how to mend it, `field` the argument that it is about (a
    form shows it there; "" = the whole)."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field

    def __str__(self) -> str:
        return " ".join(self.messages)
