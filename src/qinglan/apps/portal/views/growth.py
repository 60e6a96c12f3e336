"""我的成长: a worker's own years, what comes next, this year's learning, her certificates and records. Made for a phone."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from qinglan.apps.people.permissions import get_person_for
from qinglan.apps.people.queries import organisations as places
from qinglan.apps.people.queries import people as people_queries
from qinglan.apps.policy.queries import growing
from qinglan.apps.policy.queries.reading import Reading


@login_required
@never_cache
@require_GET
def growth(request: HttpRequest) -> HttpResponse:
    """The page of the account's own person; ?year= chooses one of her decided years (the newest otherwise)."""
    person_id = request.user.person_id  # type: ignore[union-attr]
    if person_id is None:
        raise Http404
    person = get_person_for(request.user, person_id)
    on = timezone.localdate()
    profile = people_queries.profile(person)
    years = growing.own_years(request.user)
    asked = request.GET.get("year", "")
    chosen = next((one for one in years if str(one.result.run.year) == asked), years[0] if years else None)
    posts = [post for post in profile.postings if post.main and (post.span.upper is None or on < post.span.upper)]
    context = {
        "person": person,
        "place": places.names([person.org_code], on).get(person.org_code, ""),
        "post": posts[0] if posts else None,
        "years": years,
        "chosen": chosen,
        "reading": Reading(chosen.result) if chosen else None,
        "objections": growing.objections_of(chosen.result) if chosen else [],
        "duties": growing.duties(person, on),
        "certificates": profile.certificates,
        "on": on,
    }
    return render(request, "portal/growth.html", context)
