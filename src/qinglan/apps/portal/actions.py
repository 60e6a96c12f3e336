"""The first run of an empty system: trees, the first administrator with her role, the pack of the district."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import connection, transaction

from qinglan.apps.people.actions import organisation_load, roles
from qinglan.apps.people.models import Organisation, Role, User
from qinglan.apps.policy.actions import adoption

# Two people who open the page at once must not both become the first: any number that nothing else locks.
_FIRST_RUN_LOCK = 990_101_001
YEARS_BACK = 3  # so that the years just past can be computed at once


@transaction.atomic
def first_run(*, username: str, name: str, password: str, district: str, pack: str, today: date) -> User:
    """This will make the first account (administrator, and officer of `district` when one is given) and load the trees.

    `pack` is adopted for the district from the first day of the third year before this one. ValidationError when an account exists already,
    or (of `pack`) when the pack must not be used; nothing is made then.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_FIRST_RUN_LOCK])
    if User.objects.exists():
        raise ValidationError("系统里已经有账号了，请直接登录。")
    if not Organisation.objects.filter(code=district or "42").exists():
        organisation_load.load_districts()
    user = roles.open_account(username=username, name=name, by=None, password=password)
    user.is_superuser = user.is_staff = True
    user.save(update_fields=["is_superuser", "is_staff"])
    if district:
        roles.grant(user=user, role=Role.DISTRICT_OFFICER, org_code=district, since=today, by=None)
        if pack:
            try:
                adoption.adopt(district=district, pack=pack, since=date(today.year - YEARS_BACK, 1, 1), by=user)
            except adoption.PackError as error:
                raise ValidationError({"pack": f"这个政策包现在不能用，请先换一个：{error.problems[0]}"}) from None
    return user
