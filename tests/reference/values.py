"""What a reference may know of a pack: its parsed values, in plain dicts and lists."""

from typing import Any, Protocol


class Dated(Protocol):
    @property
    def value(self) -> Any:
        """As the pack parsed it."""


class PackOnDate(Protocol):
    """A pack as of a day: only what is asked of it here, so that nothing is imported."""

    def dated(self, item: str) -> Dated: ...

    def has(self, item: str) -> bool: ...


class Values:
    """`values["pay.cert_allowance"]` → {"初级": 10000, …}: int parts of the unit (fen, hundredths), rows as plain dicts."""

    def __init__(self, pack: PackOnDate) -> None:
        self._pack = pack

    def __getitem__(self, item: str) -> Any:
        return _plain(self._pack.dated(item).value)

    def __contains__(self, item: str) -> bool:
        return self._pack.has(item)


def _plain(value: Any) -> Any:
    if hasattr(value, "model_dump"):
        return value.model_dump()
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value
