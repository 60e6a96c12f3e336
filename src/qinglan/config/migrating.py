"""Makes migrating six times as cheap: what an operation leaves as it is, is not rendered anew.

For every operation Django renders the changed model and all that is related to it, and here nearly everything is related to
people and accounts: nine tenths of the time that an empty database took. What only adds needs none of it: indexes, constraints
and triggers are lists on the model that is there, a new field comes to it, a new model comes beside the others.
Operations that run code get everything rendered afresh, as Django does it after short cuts of its own (`is_delayed`).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial, wraps
from typing import Any

from django.db.migrations.state import ProjectState
from pgtrigger.migrations import AddTrigger, RemoveTrigger

Reload = Callable[..., None]


def _lists(state: ProjectState, app_label: str, model_name: str, delay: bool = True) -> None:
    """Put the lists of the model's state on the model that is rendered."""
    model, options = state.apps.get_model(app_label, model_name), state.models[app_label, model_name.lower()].options
    for name in ("indexes", "constraints", "triggers"):
        setattr(model._meta, name, options.get(name, []))


def _beside(state: ProjectState, app_label: str, model_name: str) -> None:
    """Render the new model alone."""
    state.apps.render_multiple([state.models[app_label, model_name]])


def _field(state: ProjectState, app_label: str, model_name: str, delay: bool = True) -> None:
    """Give the rendered model the field that its state was given last."""
    name, field = next(reversed(state.models[app_label, model_name].fields.items()))
    with state.apps.bulk_update():
        state.apps.get_model(app_label, model_name).add_to_class(name, field.clone())


# where the state is changed · what is done instead of rendering all that is related
SHORT_CUTS: tuple[tuple[type, str, Reload], ...] = (
    (ProjectState, "add_model", _beside),
    (ProjectState, "add_field", _field),
    (ProjectState, "_append_option", _lists),
    (ProjectState, "_remove_option", _lists),
    (ProjectState, "_alter_option", _lists),
    (AddTrigger, "state_forwards", _lists),
    (RemoveTrigger, "state_forwards", _lists),
)


def _cut(change: Callable[..., None], reload: Reload) -> Callable[..., None]:
    """`change` with `reload` in place of Django's own, while it runs."""

    @wraps(change)
    def changed(*args: Any) -> None:
        state: Any = next(one for one in args if isinstance(one, ProjectState))
        if "apps" in state.__dict__:  # something is rendered; to ask for it would render everything
            state.is_delayed = True
            state.reload_model = partial(reload, state)
        try:
            change(*args)
        finally:
            state.__dict__.pop("reload_model", None)

    return changed


@contextmanager
def lightly() -> Iterator[None]:
    """Inside, `migrate` takes the short cuts."""
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in SHORT_CUTS]
    for owner, name, reload in SHORT_CUTS:
        setattr(owner, name, _cut(getattr(owner, name), reload))
    try:
        yield
    finally:
        for owner, name, change in before:
            setattr(owner, name, change)
