"""Who may open what reads across the apps."""

from typing import Any

import rules

from qinglan.apps.people.permissions import VIEW_RESULTS, codes_for


@rules.predicate
def can_open_cockpit(user: Any) -> bool:
    """May read the results of somebody: the cockpit counts nothing else."""
    return bool(codes_for(user, VIEW_RESULTS))


rules.set_perm("portal.open_cockpit", can_open_cockpit)
