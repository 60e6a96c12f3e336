"""Text as the index reads it: questions and cards by one tokenizer. Characters and pairs of them; syllables for words heard or typed wrongly."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib import import_module
from itertools import pairwise
from typing import Any

HAN = re.compile(r"[㐀-䶿一-鿿豈-﫿]")
RUN = re.compile(r"[a-z]+")
KEEP = re.compile(r"[㐀-䶿一-鿿豈-﫿]|[a-z]+|\d+(?:\.\d+)?")
SPELLED = 5  # letters; fewer are an abbreviation
LONGEST = 2_000  # characters of a question that are read


def normalise(text: str) -> str:
    """Width, case and composition made one; control and format characters (direction, joiners) taken out."""
    folded = unicodedata.normalize("NFKC", text[:LONGEST]).lower()
    if folded.isprintable():  # nothing to take out; nearly all texts
        return " ".join(folded.split())
    seen = (" " if char in "\t\r\n" else char for char in folded)
    return " ".join("".join(char for char in seen if unicodedata.category(char)[0] != "C").split())


def grams(text: str) -> list[str]:
    """Characters, pairs of characters that stand together, runs of Latin letters and numbers whole."""
    found: list[str] = []
    before = ""
    end = 0
    for match in KEEP.finditer(text):
        token = match.group()
        found.append(token)
        if before and match.start() == end and len(token) == 1 and len(before) == 1:
            found.append(before + token)
        before, end = token, match.end()
    return found


def sounds(text: str) -> list[str]:
    """Syllables without tones, and pairs of them: 高龄 = 高岭 = gaoling. Letters that are no pinyin stay whole."""
    tokens = KEEP.findall(text)
    # Characters are read together, because a reading hangs on the neighbours (银行, 行走).
    readings = iter(_dictionary().lazy_pinyin("".join(token for token in tokens if HAN.match(token))))
    found: list[str] = []
    for token in tokens:
        if HAN.match(token):
            found.append(blurred(next(readings)))
        elif token.isalpha():
            found += [blurred(one) for one in split_pinyin(token) or [token]]
        else:
            found.append(token)
    return found + [f"{a}_{b}" for a, b in pairwise(found)]


def spelled(text: str) -> bool:
    """Whether a question is written in pinyin letters, all of it or the words that matter."""
    runs = RUN.findall(text)
    letters = sum(map(len, runs))
    return letters >= SPELLED and letters > len(HAN.findall(text)) / 2 and all(map(split_pinyin, runs))


def blurred(syllable: str) -> str:
    """What many speakers do not tell apart, as one: zh/z, ch/c, sh/s, n/l at the start; ng/n at the end."""
    for long, short in (("zh", "z"), ("ch", "c"), ("sh", "s")):
        if syllable.startswith(long):
            syllable = short + syllable[2:]
    if syllable.startswith("n") and len(syllable) > 1:
        syllable = "l" + syllable[1:]
    return syllable[:-1] if syllable.endswith(("ang", "eng", "ing")) else syllable


@cache
def _dictionary() -> Any:
    """pypinyin, loaded when first somebody writes in pinyin: it takes half a second."""
    return import_module("pypinyin")


@cache
def syllables() -> frozenset[str]:
    """Every syllable of the dictionary, without tones."""
    found = set()
    for readings in import_module("pypinyin.pinyin_dict").pinyin_dict.values():
        for one in readings.split(","):
            plain = unicodedata.normalize("NFD", one.replace("ü", "v"))
            found.add("".join(char for char in plain if "a" <= char <= "z"))
    return frozenset(one for one in found if one and (len(one) > 1 or one in "aeo"))


def readings(char: str) -> list[str]:
    """The syllables of a character without tones, the usual one first; [] for what the dictionary does not have."""
    found = import_module("pypinyin.pinyin_dict").pinyin_dict.get(ord(char), "")
    return list(dict.fromkeys(_plain(one) for one in found.split(",") if one))


def _plain(reading: str) -> str:
    """Without tones, ü as v."""
    return "".join(char for char in unicodedata.normalize("NFD", reading.replace("ü", "v")) if "a" <= char <= "z")


def split_pinyin(letters: str) -> list[str]:
    """Letters as syllables, the fewest that cover them all; [] where they are no pinyin."""
    best: list[list[str] | None] = [[]] + [None] * len(letters)
    known = syllables()
    for end in range(1, len(letters) + 1):
        for size in range(1, min(6, end) + 1):
            before = best[end - size]
            if before is None or letters[end - size : end] not in known:
                continue
            if best[end] is None or len(before) + 1 < len(best[end] or ()):
                best[end] = [*before, letters[end - size : end]]
    return best[-1] or []
