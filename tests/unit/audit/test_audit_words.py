"""Every action that the source records has words for the page, and no word stands for an action that is gone."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import qinglan
from qinglan.apps.assistant import states as assistant
from qinglan.apps.audit.models.words import ACTIONS, SUBJECTS, choices, words_of
from qinglan.apps.base.models import ReleaseMove
from qinglan.apps.policy import states as policy
from qinglan.apps.rights import states as rights

SOURCE = Path(qinglan.__file__).parent
# What the f-strings among the names can say: the moves of their table of states. Another one fails here by its KeyError.
MOVES: dict[str, list[str]] = {
    "policy.*": policy.Move.values,
    "policy.*_pack": ReleaseMove.values,
    "assistant.*": assistant.HandingMove.values,
    "assistant.card.*": ReleaseMove.values,
    "*.begin": ["rehearsal.begin", "rehearsal.study.begin"],
    "*.*": [f"{one}.{how}" for one in ("rehearsal", "rehearsal.study") for how in ("finish", "fail", "cancel")],
    "rights.claim.*": rights.ClaimMove.values,
    "rights.proposal.*": rights.ProposalMove.values,
}
NAME = re.compile(rf"({'|'.join(SUBJECTS)})(\.[a-z_]+)+")


def named(folder: Path) -> Iterator[tuple[str, str]]:
    """(file, action) of each name handed to `record` or `entry_row`, and of each text in a call that has the form of one; of an
    f-string every name that the states tables can fill in."""
    for path in sorted(folder.rglob("*.py")):
        if "migrations" in path.parts or path.name == "words.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            for at, argument in enumerate(node.args):
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    first = called in {"record", "entry_row"} and at == 0
                    if first or (called.startswith("_") and NAME.fullmatch(argument.value)):
                        yield path.name, argument.value
                elif called == "record" and at == 0 and isinstance(argument, ast.JoinedStr):
                    shape = "".join(part.value if isinstance(part, ast.Constant) else "*" for part in argument.values)
                    whole = shape.startswith("*")  # nothing of the name is told by the call: the table has all of it
                    yield from ((path.name, move if whole else shape.replace("*", str(move))) for move in MOVES[shape])


def test_every_action_has_words() -> None:
    found = {action: file for file, action in named(SOURCE)}
    assert {"roles.grant", "roles.deactivate", "policy.publish", "persons.update"} <= set(found)
    assert {action: file for action, file in found.items() if action not in ACTIONS} == {}


def test_each_word_stands_in_one_group_of_the_filter() -> None:
    listed = [name for _, group in choices() for name, _ in group if not name.endswith(".")]
    assert sorted(listed) == sorted(ACTIONS)
    assert len(set(ACTIONS.values())) == len(ACTIONS), "two actions with the same words"


def test_an_action_without_words_is_still_readable() -> None:
    assert words_of("pay.unheard_of") == "月度工资（unheard_of）"
