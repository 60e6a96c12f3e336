"""The list pages of a district of 5,000 people with three years of facts: each page's time, warm, at the desk of its officer."""

import json
import os
import sys

from qinglan import server
from qinglan.commands.start import set_up_django

set_up_django("app")
server.join()

from django.conf import settings  # noqa: E402  (models need Django set up)
from django.contrib.auth import get_user_model  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from benchmarks.site import timed  # noqa: E402
from qinglan.apps.policy.actions import years  # noqa: E402
from qinglan.apps.policy.models import Run  # noqa: E402
from qinglan.demo import loading, places  # noqa: E402

PEOPLE = 5_000
PAGES = {
    "总览": "/",
    "组织": "/organisations/",
    "人员": "/people/",
    "人员，按拼音与街道": "/people/?q=l&org=990101001",
    "疑似重复": "/people/duplicates/",
    "用户": "/users/",
    "事实台账": "/facts/",
    "事实台账，考核评分": "/facts/?kind=scores",
    "导入": "/imports/",
    "年度结果": "/results/",
    "年度结果，按等次与街道": "/results/?org=990101001&grade=1",
    "历次计算": "/results/runs/",
}

settings.ALLOWED_HOSTS = ["*"]


def measure() -> dict[str, dict[str, float]]:
    """{page: times in milliseconds}; the district is made once."""
    if not loading.loaded():
        loading.load(say=lambda sentence: None, total=PEOPLE)
        loading.accounts(server.data_dir() / "demo-accounts.json")
    if not Run.objects.filter(year=2025).exists():
        years.compute(district=places.DISTRICT, year=2025, by=None)
    client = Client()
    client.force_login(get_user_model().objects.get(username="qu"))

    def page(address: str) -> dict[str, float]:
        def get() -> None:
            status = client.get(address).status_code
            if status != 200:
                raise ValueError(f"{address}: {status}")

        return timed(get, 15)

    return {name: page(address) for name, address in PAGES.items()}


if __name__ == "__main__":
    print(json.dumps(measure(), ensure_ascii=False), file=sys.stdout)
    connection.close()
    os._exit(0)
