"""The gallery shows every part, to those who look after the system and to nobody else."""

import html
import json
import re

import pytest
from django.contrib.auth import get_user_model
from django.template import Context, Template

pytestmark = pytest.mark.django_db


def test_gallery_shows_parts_to_staff(client):
    client.force_login(get_user_model().objects.create_user("keeper", password="x", is_staff=True))
    page = client.get("/components/").content.decode()
    assert "¥1,234.56" in page
    assert "85.50" in page
    assert "990***********0011" in page
    assert "样本 7 份，少于 10 份" in page


def test_gallery_is_not_there_for_others(client, settings):
    settings.DEBUG = False
    client.force_login(get_user_model().objects.create_user("worker", password="x"))
    assert client.get("/components/").status_code == 404


def test_a_chart_carries_its_data_without_a_script_element(client):
    """Fragments that htmx loads lose their script elements, JSON too; a chart in one must still find its numbers."""
    client.force_login(get_user_model().objects.create_user("keeper", password="x", is_staff=True))
    page = client.get("/components/").content.decode()
    data = json.loads(html.unescape(re.search(r'data-chart="([^"]+)"', page)[1]))
    assert (data["kind"], len(data["labels"])) == ("radar", 6)
    assert all(len(one["values"]) == 6 for one in data["series"])
    assert "application/json" not in page


def test_table_of_a_chart_writes_scores_with_two_places_and_counts_without() -> None:
    data = {"kind": "bar", "labels": ["分", "人", "空"], "series": [{"name": "本人", "values": [66.8, 2241, None]}]}
    page = Template("{% load parts %}{% chart 'one' '图' data %}").render(Context({"data": data}))
    assert re.findall(r'<td class="ql-num">([^<]*)</td>', page) == ["66.80", "2,241", "—"]
