"""Everything held about a person comes out, for her or on her behalf; nothing of anybody else, no secret; and it is recorded."""

import io
import json
import zipfile
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.test import Client
from python_calamine import CalamineWorkbook
from tests.cast import PASSWORD, TODAY, Cast

from qinglan.apps.audit.models import AccessRecord, AuditEvent
from qinglan.apps.people.actions import ActionError, access, persons
from qinglan.apps.people.models import Certificate, CertificateLevel, Person, User
from qinglan.apps.people.queries.everything import _ours, everything, references

pytestmark = pytest.mark.django_db


@pytest.fixture
def lived(cast: Cast) -> Person:
    """A worker with something in several tables."""
    worker, officer = cast.people["worker_a"], cast.users["district_a"]
    persons.update(person=worker, by=officer, today=TODAY, nation="回族", phone="13812345678")
    persons.reveal(person=worker, field="id_number", reason="核对社保", by=officer)
    Certificate.objects.create(person=worker, level=CertificateLevel.JUNIOR)
    return Person.objects.get(pk=worker.pk)


def opened(answer: Any) -> tuple[dict[str, Any], list[str]]:
    """The JSON of a downloaded zip, and the names of the sheets of its workbook."""
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert set(archive.namelist()) == {"说明.txt", "全部数据.json", "全部数据.xlsx"}
    book = CalamineWorkbook.from_filelike(io.BytesIO(archive.read("全部数据.xlsx")))
    return json.loads(archive.read("全部数据.json")), book.sheet_names


def test_she_takes_out_all_that_is_held(cast: Cast, lived: Person, client: Client) -> None:
    client.force_login(cast.users["worker_a"])
    address = f"/people/{lived.pk}/all-about-me/"
    assert "导出" in client.get(address).content.decode()
    assert not AuditEvent.objects.filter(action="access.export").exists()  # looking at the form takes nothing
    answer = client.post(address)
    content, sheets = opened(answer)
    own = content["people.Person"]["rows"][0]
    assert own["身份证号"] == lived.id_number.open()
    assert own["手机号"] == "13812345678"
    assert own["性别"] == "女"
    assert content["people.Certificate"]["rows"][0]["级别"] == CertificateLevel.JUNIOR.label
    assert content["audit.AccessRecord"]["rows"][0]["查看人"] == "district_a"
    assert content["audit.AuditEvent"]["rows"][0]["操作"] == "修改人员信息"
    assert {"people.Posting", "people.RoleGrant", "people.User", "people.PersonEvent"} <= set(content)
    assert len(sheets) == len(content)
    assert AuditEvent.objects.get(action="access.export").by_name == "worker_a"
    assert AccessRecord.objects.filter(person_id=lived.pk).count() == 1  # her own look is none


def test_nobody_elses_data_and_no_secret_come_out(cast: Cast, lived: Person) -> None:
    text = json.dumps([one.as_dicts() for one in everything(lived)], ensure_ascii=False, default=str)
    for name, other in cast.people.items():
        if name != "worker_a":
            assert other.id_number.open() not in text
            assert other.name not in text
    account = User.objects.get(username="worker_a")
    for secret in (account.password, PASSWORD, lived.id_number.token, lived.id_number_index):
        assert secret not in text


def test_an_officer_does_it_on_her_behalf_with_a_reason(cast: Cast, lived: Person, client: Client) -> None:
    client.force_login(cast.users["subdistrict_a"])
    address = f"/people/{lived.pk}/all-about-me/"
    assert client.post(address, {"reason": ""}).status_code == 200
    assert not AuditEvent.objects.filter(action="access.export").exists()
    content, _ = opened(client.post(address, {"reason": "本人书面申请"}))
    assert content["people.Person"]["rows"][0]["姓名"] == lived.name
    looks = AccessRecord.objects.filter(person_id=lived.pk, by_name="subdistrict_a")
    assert set(looks.values_list("field", "reason")) == {("id_number", "本人书面申请"), ("phone", "本人书面申请")}
    with pytest.raises(ActionError, match="须填写理由"):
        access.everything_about(person=lived, by=cast.users["district_a"], reason=" ")


@pytest.mark.parametrize("name", ["secretary_a", "worker_b", "subdistrict_a2", "district_b", "audit_a", "auditor_a"])
def test_for_others_it_does_not_exist(cast: Cast, lived: Person, client: Client, name: str) -> None:
    client.force_login(cast.users[name])
    assert client.post(f"/people/{lived.pk}/all-about-me/", {"reason": "好奇"}).status_code == 404
    assert not AuditEvent.objects.filter(action="access.export").exists()


def test_every_table_that_speaks_of_a_person_is_followed() -> None:
    """A model of ours with a person in it, by foreign key or by number, is reached; others are named here with the reason."""
    reached, waiting = {Person, User}, [Person, User]
    while waiting:
        for model, _ in references(waiting.pop()):
            if model not in reached:
                reached.add(model)
                waiting.append(model)
    by_number = {
        model._meta.label
        for model in apps.get_models()
        if _ours(model)
        for one in model._meta.concrete_fields
        if one.attname in {"person_id", "user_id"} and model not in reached and not isinstance(one, models.ForeignKey)
    }
    assert by_number <= {"audit.AccessRecord"}  # has a section of its own
    assert {"facts.TrainingRecord", "policy.PersonResult", "people.Posting"} <= {model._meta.label for model in reached}
