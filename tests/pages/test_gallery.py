"""The gallery shows every part, to those who look after the system and to nobody else."""

import html
import json
import re

import pytest
from django.contrib.auth import get_user_model

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
