"""What she is known by, and how to find and replace it in other people's words without touching theirs.

Numbers, addresses and the account's name are replaced wherever they stand. A name is replaced where it cannot be anything else:
whole values, and within text when no other person is called so and it is not part of a longer word. What is left is listed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from allauth.account.models import EmailAddress
from django.apps import apps
from django.db.models.functions import Concat

from qinglan.apps.base.models import Sealed
from qinglan.apps.people.models import Organisation, Person, User

from .fates import GONE, NEUTRAL
from .hers import Whole

HAN = "\u3400-\u9fff"
CITY = 4  # digits of a city's code
LONG_NAME = 3  # letters from which a name in a text is seldom anything else
WORD, WORD_STRICT = "[A-Za-z0-9_]", r"[\w@.+-]"  # what may not stand beside an account's name
# An account may be called 1001: in a text that is she only after one of these, elsewhere a year, a sum, a number of hours.
ACCOUNT = tuple(
    word + mark
    for word in ("账号", "帐号", "账户", "用户", "用户名", "登录名", "由", "经办人", "办理人", "交给", "转给", "通知")
    for mark in ("", " ", "：", ":", "“", "「")
)
CODE = re.compile(r"[!-~]*")  # a text that may be the site's own: a state, a key, a number, the name of a step


@dataclass
class Needles:
    """`marks`: replaced anywhere (ID numbers, phones, addresses); `words`: as whole words (account names; those that are
    a number only where the text says that an account is meant;
    `strict`: those that begin or end other accounts' names); `names`: hers alone
    and in no longer word; `short`: only where no Chinese letter stands beside it; `shared`: other people are called so too."""

    marks: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    strict: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    short: set[str] = field(default_factory=set)
    shared: set[str] = field(default_factory=set)

    def all(self) -> list[str]:
        """Everything to look for, the longest first."""
        coded = {form for name in self.names | self.short for form in _coded(name)}
        return sorted(self.marks | self.words | self.names | self.short | self.shared | coded, key=len, reverse=True)

    def __bool__(self) -> bool:
        return bool(self.all())

    def pattern(self) -> str:
        """For PostgreSQL: any of them, anywhere."""
        return "|".join(re.escape(one) for one in self.all())

    def replaced(self, text: str, *, named: bool = True) -> str:
        """The text without her. An account may be called 1001 or `finance`: what may be a code of the site's is one, unless it is
        that name alone where names stand (`named`)."""
        if text.strip() in self.names | self.short:
            return NEUTRAL
        for one in sorted(self.marks, key=len, reverse=True):
            text = re.sub(re.escape(one), GONE, text, flags=re.IGNORECASE)
        text = self._without_words(text, named)
        for one in sorted(self.names, key=len, reverse=True):
            for form in (one, *_coded(one)):
                text = text.replace(form, NEUTRAL)
        for one in sorted(self.short, key=len, reverse=True):
            text = re.sub(f"(?<![{HAN}]){re.escape(one)}(?![{HAN}])", NEUTRAL, text)
            for form in _coded(one):
                text = text.replace(form, NEUTRAL)
        return text

    def _without_words(self, text: str, named: bool) -> str:
        if CODE.fullmatch(text):
            return GONE if named and text in self.words else text
        for one in sorted(self.words, key=len, reverse=True):
            text = re.sub(self._alone(one), GONE, text)
        return text

    def _alone(self, word: str) -> str:
        beside = WORD_STRICT if word in self.strict else WORD
        alone = f"(?<!{beside}){re.escape(word)}(?!{beside})"
        return f"(?:(?<={')|(?<='.join(ACCOUNT)})){alone}" if word.isdigit() else alone

    def in_value(self, value: Any, *, named: bool = True, coded: Collection[str] = ()) -> Any:
        """A value of a column (text, list, or JSON) without her; under the keys `coded` JSON holds codes, no names."""
        if isinstance(value, str):
            return self.replaced(value, named=named)
        if isinstance(value, list):
            return [self.in_value(one, named=named, coded=coded) for one in value]
        if isinstance(value, dict):
            return {
                self.replaced(key, named=False): self.in_value(one, named=named and key not in coded, coded=coded)
                for key, one in value.items()
            }
        return value

    def speaks(self, text: str) -> bool:
        """Whether a text may still speak of her by name. One that others have too says nothing."""
        return any(one in text for one in self.names | self.short)

    def called(self, name: str) -> bool:
        """Whether she is called so, perhaps with others."""
        return name in self.names | self.short | self.shared

    def found_in(self, text: str) -> bool:
        """Whether she stands in a text by any of it."""
        whole = set(self.all()) - self.words
        return any(one in text for one in whole) or any(re.search(self._alone(one), text) for one in self.words)


def _coded(name: str) -> tuple[str, ...]:
    """A name as addresses and ASCII JSON write it."""
    forms = (quote(name), json.dumps(name)[1:-1])
    return tuple(form for form in forms if form != name)


def needles_of(of: Whole) -> Needles:
    """Everything she and her account were ever called, now and in their histories."""
    found = Needles()
    histories = apps.get_model("people.PersonEvent")._base_manager.filter(pgh_obj_id__in=of.person_ids)
    known = [*of.persons, *histories]
    for one in known:
        for sealed in (one.id_number, one.phone):
            if isinstance(sealed, Sealed):
                found.marks.add(sealed.open())
    accounts = [*of.accounts, *apps.get_model("people.UserEvent")._base_manager.filter(pgh_obj_id__in=of.account_ids)]
    for one in accounts:
        if one.email:
            found.marks.add(one.email)
        if one.username and not one.username.startswith("deleted-"):
            found.words.add(one.username)
    found.marks |= set(EmailAddress.objects.filter(user__in=of.account_ids).values_list("email", flat=True))
    names = {one.name for one in known} | {f"{one.last_name}{one.first_name}" for one in accounts}
    found.words |= {name for name in names if name and not re.search(f"[{HAN}]", name)}
    others = User.objects.exclude(pk__in=of.account_ids)
    found.strict = {word for word in found.words if others.filter(username__contains=word).exists()}
    _sort_names(found, {name for name in names if re.search(f"[{HAN}]", name) and name != NEUTRAL}, of)
    return found


def _sort_names(found: Needles, names: Iterable[str], of: Whole) -> None:
    """Tell which names others have, and which are part of another's or of a place's of her city."""
    others = Person.objects.exclude(pk__in=of.person_ids)
    accounts = User.objects.exclude(pk__in=of.account_ids).annotate(full=Concat("last_name", "first_name"))
    here = Organisation.objects.within_any(sorted({one.org_code[:CITY] for one in of.persons}))
    for name in names:
        if others.filter(name=name).exists() or accounts.filter(full=name).exists():
            found.shared.add(name)
        elif (
            len(name) < LONG_NAME
            or others.filter(name__contains=name).exists()
            or accounts.filter(full__contains=name).exists()
            or here.filter(name__contains=name).exists()
        ):
            found.short.add(name)
        else:
            found.names.add(name)
