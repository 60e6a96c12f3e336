"""The refusal that every action of this app raises."""

from django.core.exceptions import ValidationError


class ActionError(ValidationError):
    """A write was refused; the message says what is wrong and how to mend it."""

    def __str__(self) -> str:
        return " ".join(self.messages)
