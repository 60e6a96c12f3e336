"""A computed year taken to publication by three officers of its district."""

from datetime import date

from qinglan.apps.base.models import span
from qinglan.apps.people.models import Role, RoleGrant, User
from qinglan.apps.policy.actions import decisions
from qinglan.apps.policy.models import Run
from qinglan.apps.policy.queries import review


def deciders(district: str) -> list[User]:
    """Who submits, who signs, who publishes: three accounts, made once a district."""
    users = []
    for duty in ("preparer", "reviewer", "publisher"):
        user, made = User.objects.get_or_create(username=f"{duty}_{district}", defaults={"last_name": duty})
        if made:
            RoleGrant.objects.create(
                user=user, role=Role.DISTRICT_OFFICER, org_code=district, span=span(date(2020, 1, 1))
            )
        users.append(user)
    return users


def published(run: Run) -> Run:
    """The run after all its moves; every row of the review marked as in order."""
    preparer, reviewer, publisher = deciders(run.org_code)
    decisions.submit(run=run, by=preparer)
    items = list(review.items(run).values_list("pk", flat=True))
    decisions.mark(run=run, items=items, fine=True, comment="", by=reviewer)
    decisions.sign(run=run, by=reviewer)
    return decisions.publish(run=run, by=publisher)
