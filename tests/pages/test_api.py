"""The JSON API as another system meets it: what it reads, what it writes, how it is refused; page and API see the same."""

import json
import sys
import uuid
from datetime import date, timedelta

import pytest
from django.test import Client, override_settings
from django.utils import timezone
from ninja.openapi.schema import OpenAPISchema

from qinglan.apps.audit.models import AuditEvent
from qinglan.apps.exchange.models import KeyConflict, Scope, StoredAnswer, Token
from qinglan.apps.facts.models import EvaluationScore, ExamRecord, TrainingRecord
from qinglan.apps.people.actions import roles
from qinglan.apps.people.models import Certificate, Organisation
from qinglan.apps.policy.actions import adoption, years
from qinglan.apps.policy.models import PackAdoption, PersonResult, Run, RunDecision
from qinglan.config.api import api
from tests import cast as casting
from tests.factories import published

pytestmark = pytest.mark.django_db

V1 = "/api/v1"
HAVING_A_ROLE = [name for name, (role, *_) in casting.MEMBERS.items() if role and name != "former_a"]
NEAREST = ("district_a", "subdistrict_a", "secretary_a", "worker_a", "auditor_a", "district_b")
SOME_IN_CI = [
    pytest.param(name, marks=() if name in NEAREST else pytest.mark.slow) for name in HAVING_A_ROLE
]  # the year is computed anew for each


def post(client: Client, address: str, body: object, key: str = "", **headers: str):
    return client.post(
        f"{V1}{address}", json.dumps(body), "application/json",
        headers={"Idempotency-Key": key or uuid.uuid4().hex} | headers,
    )  # fmt: skip


def refusal(answer) -> tuple[int, str]:
    """The status and code of a refusal, which has our one shape."""
    body = answer.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message", "field"}
    assert body["error"]["message"]
    return answer.status_code, body["error"]["code"]


def training(person: int, **more) -> dict:
    said = {"kind": "annual", "course": "社区治理实务", "hours": 800}
    fact = {
        "person_id": person,
        "valid_on": "2025-06-12",
        "evidence": "签到表2025-031",
        "recorder": "李四",
        "said": said,
    }
    return {"kind": "training", "district": "990101", "facts": [fact | more]}


class TestDoor:
    def test_nobody_enters_without_a_token(self, client):
        for address in ("/people", "/organisations", "/facts/training", "/runs", "/results", "/packs"):
            answer = client.get(f"{V1}{address}")
            assert refusal(answer) == (401, "unauthorised"), address
            assert answer.headers["WWW-Authenticate"] == "Bearer"

    def test_what_is_refused_before_the_door_has_the_same_shape(self, client, settings):
        settings.ALLOWED_HOSTS = ["testserver"]
        assert refusal(client.get(f"{V1}/people", headers={"host": "o"})) == (400, "malformed")
        assert "html" in client.get("/people/", headers={"host": "o"}).headers["Content-Type"]

    def test_a_defect_is_told_in_the_same_shape(self, system, monkeypatch):
        def broken() -> list[str]:
            raise RuntimeError("a defect")

        client = system("district_a")
        client.raise_request_exception = False
        monkeypatch.setattr(sys.modules["qinglan.apps.policy.api.packs"], "shipped", broken)
        answer = client.get(f"{V1}/packs")
        assert refusal(answer) == (500, "defect")
        assert "a defect" not in answer.content.decode()

    def test_a_session_opens_nothing(self, cast, client):
        client.force_login(cast.users["district_a"])
        assert refusal(client.get(f"{V1}/people")) == (401, "unauthorised")
        assert refusal(post(client, "/packs/adoptions", {})) == (401, "unauthorised")

    @pytest.mark.parametrize("shown", ["", "ql_", "ql_00000000_" + "a" * 43, "x" * 5000, "ql_0000000g_" + "a" * 43])
    def test_a_wrong_token_opens_nothing(self, shown, token, client):
        token("district_a")
        answer = client.get(f"{V1}/people", headers={"Authorization": f"Bearer {shown}"})
        assert refusal(answer) == (401, "unauthorised")

    def test_the_right_number_with_another_secret_opens_nothing(self, token, client):
        shown = token("district_a")
        wrong = shown[:-1] + ("A" if shown[-1] != "A" else "B")
        assert client.get(f"{V1}/people", headers={"Authorization": f"Bearer {wrong}"}).status_code == 401

    def test_only_the_hash_is_kept(self, token):
        shown = token("district_a")
        kept = Token.objects.get()
        assert shown.rsplit("_", 1)[1] not in str(Token.objects.values().get()) + str(list(AuditEvent.objects.values()))
        assert kept.prefix in shown
        assert kept.digest.startswith("sha256:")

    def test_a_token_stops_with_its_account_its_day_its_revoking_and_its_password(self, cast, system):
        client = system("subdistrict_a")
        assert client.get(f"{V1}/people").status_code == 200
        user, kept = cast.users["subdistrict_a"], Token.objects.get()
        roles.deactivate(user=user, by=cast.users["district_a"])
        assert client.get(f"{V1}/people").status_code == 401
        roles.reactivate(user=user, by=cast.users["district_a"])
        assert client.get(f"{V1}/people").status_code == 200
        roles.hand_out_password(user=user, by=cast.users["district_a"])  # somebody else knows it for now
        assert client.get(f"{V1}/people").status_code == 401
        type(user).objects.filter(pk=user.pk).update(password_temporary=False)
        assert client.get(f"{V1}/people").status_code == 200
        Token.objects.filter(pk=kept.pk).update(expires_on=timezone.localdate() - timedelta(days=1))
        assert client.get(f"{V1}/people").status_code == 401
        Token.objects.filter(pk=kept.pk).update(expires_on=timezone.localdate(), revoked_at=timezone.now())
        assert client.get(f"{V1}/people").status_code == 401

    def test_a_role_that_ended_takes_its_tokens_rows_along(self, cast, system):
        client = system("secretary_a")
        assert client.get(f"{V1}/people").json()["count"] == 3
        cast.users["secretary_a"].grants.all().delete()
        assert client.get(f"{V1}/people").json()["count"] == 1  # herself

    @pytest.mark.parametrize("scope", Scope.values)
    def test_a_token_does_what_its_scopes_say_and_no_more(self, scope, cast, system):
        client = system("district_a", scopes=[scope])
        for resource in ("organisations", "people", "facts/training", "runs", "results", "packs"):
            wanted = 200 if scope == f"{resource.split('/')[0]}:read" else 403
            assert client.get(f"{V1}/{resource}").status_code == wanted, resource
        wanted = 201 if scope == "facts:write" else 403
        assert post(client, "/facts", training(cast.people["worker_a"].pk)).status_code == wanted
        assert TrainingRecord.objects.exists() == (scope == "facts:write")

    def test_too_many_calls_a_minute_wait(self, system):
        client = system("district_a")
        with override_settings(API_CALLS_A_MINUTE=3):
            answers = [client.get(f"{V1}/people") for _ in range(8)]
        refused = [one for one in answers if one.status_code == 429]  # a minute may turn in between
        assert len(refused) in (2, 3, 4, 5)
        assert refusal(refused[0]) == (429, "too_many")
        assert 1 <= int(refused[0].headers["Retry-After"]) <= 60

    def test_last_use_is_known(self, system):
        client = system("district_a")
        client.get(f"{V1}/people")
        client.get(f"{V1}/people")
        assert Token.objects.get().use.last_used_at is not None

    @pytest.mark.parametrize("address", ["/", "/v1/", "/v1/nothing", "/v2/people", "/v1/people/1/secrets"])
    def test_an_unknown_address_is_refused_in_the_same_shape(self, address, client):
        assert refusal(client.get(f"/api{address}")) == (404, "not_found")

    def test_the_description_is_there_and_names_nothing_elsewhere(self, client):
        text = client.get(f"{V1}/openapi.json").content.decode()
        assert json.loads(text)["openapi"].startswith("3.")
        assert "http" not in text.replace('"http"', "")  # nothing is loaded from, or leads to, another site


class TestSameRows:
    @pytest.mark.parametrize("name", HAVING_A_ROLE)
    def test_people_are_those_of_the_page(self, name, cast, system):
        client = system(name)
        ids = {person.pk: key for key, person in cast.people.items()}
        rows = client.get(f"{V1}/people?limit=200").json()
        assert {ids[row["id"]] for row in rows["items"]} == casting.SEES[name]
        assert rows["count"] == len(casting.SEES[name])
        for key, person in cast.people.items():
            wanted = 200 if key in casting.SEES[name] else 404
            assert client.get(f"{V1}/people/{person.pk}").status_code == wanted, key
            found = client.get(f"{V1}/people", {"q": person.name}).json()["items"]
            assert (person.pk in {row["id"] for row in found}) == (wanted == 200), key

    def test_absent_and_out_of_scope_are_answered_alike(self, cast, system):
        client = system("subdistrict_a")
        absent = client.get(f"{V1}/people/999999999")
        outside = client.get(f"{V1}/people/{cast.people['worker_b'].pk}")
        assert absent.status_code == outside.status_code == 404
        assert absent.content == outside.content

    def test_numbers_are_masked_for_everybody(self, cast, system):
        person = cast.people["worker_a"]
        text = system("district_a").get(f"{V1}/people?limit=200").content.decode()
        assert person.id_number.masked() in text
        assert person.phone.masked() in text
        for one in cast.people.values():
            assert one.id_number.open() not in text
            assert one.phone.open() not in text

    def test_a_token_reaches_no_further_than_its_place(self, cast, system):
        client = system("district_a", org_code="990101002")
        assert [row["id"] for row in client.get(f"{V1}/people").json()["items"]] == [cast.people["sibling_a"].pk]
        codes = {row["code"] for row in client.get(f"{V1}/organisations").json()["items"]}
        assert codes == {"990101002", "990101002001"}
        answer = post(client, "/facts", training(cast.people["worker_a"].pk))
        assert refusal(answer) == (404, "not_found")
        assert refusal(post(client, "/runs", {"district": "990101", "year": 2025})) == (403, "forbidden")

    def test_lists_are_paged_within_bounds(self, system):
        client = system("district_a")
        first = client.get(f"{V1}/people?limit=2").json()
        second = client.get(f"{V1}/people?limit=2&offset=2").json()
        assert (first["count"], len(first["items"]), len(second["items"])) == (5, 2, 2)
        assert not {one["id"] for one in first["items"]} & {one["id"] for one in second["items"]}
        for wrong in ("limit=0", "limit=201", "offset=-1", "limit=x", "offset=1000001"):
            assert refusal(client.get(f"{V1}/people?{wrong}")) == (422, "invalid"), wrong

    def test_organisations_as_of_a_day(self, system):
        Organisation.objects.filter(code="990101002").update(name="改过的名")
        client = system("district_a")
        one = client.get(f"{V1}/organisations/990101002?on=2026-01-01").json()
        assert (one["name"], one["level"], one["parent_code"]) == ("改过的名", "subdistrict", "990101")
        assert refusal(client.get(f"{V1}/organisations/990102")) == (404, "not_found")


class TestFacts:
    def test_recorded_superseded_and_withdrawn_like_on_the_page(self, cast, system):
        client, person = system("district_a"), cast.people["worker_a"]
        assert post(client, "/facts", training(person.pk)).json() == {"kind": "training", "outcomes": ["added"]}
        assert post(client, "/facts", training(person.pk)).json()["outcomes"] == ["unchanged"]
        first = TrainingRecord.objects.get()
        assert (first.org_code, first.hours, first.by_id) == (person.org_code, 800, cast.users["district_a"].pk)
        body = {"reason": "漏记", "said": {"hours": 1050}, "evidence": "补正说明"}
        made = post(client, f"/facts/training/{first.pk}/supersede", body).json()
        second = TrainingRecord.objects.get(pk=made["id"])
        assert (second.hours, second.evidence, second.supersedes_id, second.reason) == (
            1050,
            "补正说明",
            first.pk,
            "漏记",
        )
        answer = post(client, f"/facts/training/{first.pk}/supersede", body | {"said": {"hours": 1}})
        assert refusal(answer) == (422, "refused")  # no longer the one that holds
        post(client, f"/facts/training/{second.pk}/withdraw", {"reason": "没有参加"})
        assert client.get(f"{V1}/facts/training").json()["items"] == []
        history = client.get(f"{V1}/facts/training/{first.pk}").json()["history"]
        assert [(one["withdrawn"], one["said"]["hours"]) for one in history] == [
            (False, 800),
            (False, 1050),
            (True, 1050),
        ]

    def test_a_list_as_known_before_the_correction(self, cast, system):
        client = system("district_a")
        post(client, "/facts", training(cast.people["worker_a"].pk))
        for moment, count in (
            ("2020-01-01T00:00:00Z", 0),
            ("2100-01-01T00:00:00+08:00", 1),
            ("2100-01-01T00:00:00", 1),
            ("2100-01-01T00:00:00-20:16", 1),  # an offset that the database does not know
        ):
            assert client.get(f"{V1}/facts/training", {"as_known": moment}).json()["count"] == count
        far = client.get(f"{V1}/facts/training", {"as_known": "9117-01-20T00:28:40-20:16"})
        assert refusal(far) == (422, "invalid")

    def test_an_exam_passed_brings_its_certificate_as_an_import_does(self, cast, system):
        person = cast.people["worker_a"]
        said = {"level": "中级", "subject": "实务", "passed": True, "certificate_number": "A1"}
        body = training(person.pk, said=said) | {"kind": "exams"}
        assert post(system("district_a"), "/facts", body).status_code == 201
        assert ExamRecord.objects.get().person_id == person.pk
        assert Certificate.objects.get(person=person).number == "A1"

    def test_a_score_stands_at_the_end_of_its_month(self, cast, system):
        said = {"source": 13, "score": 8000}
        body = training(None, said=said, org_code="990101001001", valid_on="2025-06-03") | {"kind": "scores"}
        del body["facts"][0]["person_id"]
        assert post(system("district_a"), "/facts", body).status_code == 201
        row = EvaluationScore.objects.get()
        assert (row.org_code, row.person_id, row.valid_on) == ("990101001001", None, date(2025, 6, 30))

    @pytest.mark.parametrize(
        ("change", "status", "field"),
        [
            ({"person_id": 999999999}, 404, "facts.0.person_id"),
            ({"valid_on": "2999-01-01"}, 422, "body.facts.0.valid_on"),
            ({"valid_on": "2199-01-01"}, 422, "facts.0.valid_on"),
            ({"org_code": "990101001001"}, 422, "facts.0.org_code"),
            ({"recorder": " "}, 422, "facts.0.recorder"),
            ({"evidence": "x\0"}, 422, "facts.0.evidence"),
            ({"said": {"kind": "annual", "course": "x"}}, 422, "facts.0.said"),
            ({"said": {"kind": "annual", "course": "x", "hours": -1}}, 422, "facts.0.said.hours"),
            ({"said": {"kind": "annual", "course": "x", "hours": 10**30}}, 422, "facts.0.said.hours"),
            ({"said": {"kind": "annual", "course": "x" * 121, "hours": 1}}, 422, "facts.0.said.course"),
            ({"withdrawn": True}, 422, "facts.0.withdrawn"),
            ({"supersedes": 1}, 422, "facts.0.supersedes"),
            ({"by_id": 1}, 422, "facts.0.by_id"),
        ],
    )
    def test_what_cannot_stand_is_refused_with_its_field(self, change, status, field, cast, system):
        answer = post(system("district_a"), "/facts", training(cast.people["worker_a"].pk, **change))
        assert answer.status_code == status, answer.content
        assert answer.json()["error"]["field"].endswith(field.removeprefix("body."))
        assert not TrainingRecord.objects.exists()

    def test_all_or_nothing(self, cast, system):
        body = training(cast.people["worker_a"].pk)
        body["facts"].append(body["facts"][0] | {"person_id": cast.people["worker_b"].pk})
        assert refusal(post(system("district_a"), "/facts", body)) == (404, "not_found")
        assert not TrainingRecord.objects.exists()

    @pytest.mark.parametrize("name", HAVING_A_ROLE)
    def test_who_may_record_and_correct_is_who_may_on_the_page(self, name, cast, system):
        post(system("district_a"), "/facts", training(cast.people["worker_a"].pk))
        fact = TrainingRecord.objects.get()
        client = system(name)
        may, sees = name in ("district_a", "subdistrict_a"), "worker_a" in casting.SEES[name]
        answer = post(client, "/facts", training(cast.people["worker_a"].pk, valid_on="2025-06-13"))
        assert answer.status_code == (201 if may else 404)
        body = {"reason": "漏记", "said": {"hours": 900}}
        answer = post(client, f"/facts/training/{fact.pk}/supersede", body)
        assert answer.status_code == (201 if may else 403 if sees else 404)
        assert TrainingRecord.objects.count() == (3 if may else 1)


class TestYears:
    @pytest.fixture
    def computed(self, cast):
        for district in ("990101", "990102"):
            adoption.adopt(district=district, pack="taoyuan", since=date(2020, 1, 1), by=None)
            published(years.compute(district=district, year=2025, by=None))
        return cast

    def test_a_year_is_adopted_computed_and_submitted_but_signed_by_people(self, cast, system):
        client = system("district_a")
        body = {"district": "990101", "pack": "taoyuan", "since": "2025-01-01"}
        assert post(client, "/packs/adoptions", body).json()["pack"] == "taoyuan"
        in_force = client.get(f"{V1}/packs/in-force?district=990101&on=2025-12-31").json()
        assert (in_force["pack"], in_force["since"]) == ("taoyuan", "2025-01-01")
        made = post(client, "/runs", {"district": "990101", "year": 2025}).json()
        assert (made["state"], made["people"]) == ("draft", 5)
        address = f"/runs/{made['id']}/decisions"
        assert post(client, address, {"move": "submit", "note": "请复核"}).json()["state"] == "in_review"
        for move in ("sign", "publish"):
            answer = post(client, address, {"move": move})
            assert refusal(answer) == (403, "forbidden")
            assert "登录网站" in answer.json()["error"]["message"]
        assert refusal(post(client, address, {"move": "return"})) == (422, "refused")  # no reason given
        assert post(client, address, {"move": "return", "note": "漏了一人"}).json()["state"] == "draft"
        moves = client.get(f"{V1}{address}").json()["items"]
        assert [(one["move"], one["note"]) for one in moves] == [("submit", "请复核"), ("return", "漏了一人")]
        assert AuditEvent.objects.filter(action="policy.submit", by_id=cast.users["district_a"].pk).exists()

    @pytest.mark.parametrize("name", [one for one in SOME_IN_CI if one.values != ("district_a",)])
    def test_nobody_else_computes_adopts_or_decides(self, name, computed, system):
        client, run = system(name), Run.objects.get(org_code="990101")
        before = (Run.objects.count(), RunDecision.objects.count(), PackAdoption.objects.count())
        assert post(client, "/runs", {"district": "990101", "year": 2024}).status_code == 403
        body = {"district": "990101", "pack": "jianghan", "since": "2026-01-01"}
        assert post(client, "/packs/adoptions", body).status_code == 403
        assert post(client, f"/runs/{run.pk}/decisions", {"move": "return", "note": "x"}).status_code in (403, 404)
        assert (Run.objects.count(), RunDecision.objects.count(), PackAdoption.objects.count()) == before

    @pytest.mark.parametrize("name", SOME_IN_CI)
    def test_results_are_those_of_the_page(self, name, computed, system):
        client = system(name)
        rows = client.get(f"{V1}/results?limit=200").json()["items"]
        ids = {person.pk: key for key, person in computed.people.items()}
        assert {ids[row["person_id"]] for row in rows} == casting.SEES_RESULTS[name]
        for result in PersonResult.objects.all():
            wanted = 200 if ids[result.person_id] in casting.SEES_RESULTS[name] else 404
            assert client.get(f"{V1}/results/{result.pk}").status_code == wanted

    def test_a_result_opens_its_steps(self, computed, system):
        result = PersonResult.objects.get(person=computed.people["worker_a"])
        one = system("worker_a").get(f"{V1}/results/{result.pk}").json()
        assert (one["gross"], one["state"]) == (result.gross, "published")
        families = {figure["family"]: figure for topic in one["topics"] for figure in topic["figures"]}
        assert len(families) > 20
        assert all(figure["steps"] for figure in families.values())
        assert (
            any(step["source"] for step in families["diagnose.tiers"]["steps"])
            if "diagnose.tiers" in families
            else True
        )

    def test_a_worker_reads_no_draft_of_herself(self, computed, system):
        draft = years.compute(district="990101", year=2024, by=None)
        own = PersonResult.objects.get(run=draft, person=computed.people["worker_a"])
        client = system("worker_a")
        assert client.get(f"{V1}/results/{own.pk}").status_code == 404
        assert own.pk not in {row["id"] for row in client.get(f"{V1}/results").json()["items"]}

    def test_exceptions_are_for_the_whole_district(self, computed, system):
        run = Run.objects.get(org_code="990101")
        assert isinstance(system("district_a").get(f"{V1}/runs/{run.pk}").json()["exceptions"], list)
        assert system("subdistrict_a").get(f"{V1}/runs/{run.pk}").json()["exceptions"] is None
        assert system("worker_a").get(f"{V1}/runs/{run.pk}").status_code == 404

    def test_units_stop_at_the_scope(self, computed, system):
        run = Run.objects.get(org_code="990101")
        units = system("subdistrict_a").get(f"{V1}/results/units?run={run.pk}").json()["items"]
        assert {one["org_code"][:9] for one in units} == {"990101001"}

    def test_packs_are_said_in_words(self, system):
        client = system("district_a")
        assert {one["name"] for one in client.get(f"{V1}/packs").json()["items"]} >= {"taoyuan", "national"}
        one = client.get(f"{V1}/packs/taoyuan?on=2025-12-31").json()
        assert sum(len(group["values"]) for group in one["groups"]) > 50
        assert refusal(client.get(f"{V1}/packs/nowhere")) == (404, "not_found")
        assert refusal(client.get(f"{V1}/packs/..%2Fnational")) in ((404, "not_found"), (422, "invalid"))


class TestOnce:
    def test_the_same_key_and_content_is_answered_as_before(self, cast, system):
        client, body = system("district_a"), training(cast.people["worker_a"].pk)
        first = post(client, "/facts", body, "key-0001")
        again = post(client, "/facts", json.loads(json.dumps(body, sort_keys=True)), "key-0001")
        assert (first.status_code, first.content) == (again.status_code, again.content)
        assert first.json()["outcomes"] == ["added"]  # done again it would be "unchanged"
        assert (StoredAnswer.objects.count(), TrainingRecord.objects.count()) == (1, 1)

    def test_another_content_is_a_conflict_and_is_kept(self, cast, system):
        client, body = system("district_a"), training(cast.people["worker_a"].pk)
        post(client, "/facts", body, "key-0001")
        other = training(cast.people["worker_a"].pk, valid_on="2025-06-13")
        for _ in range(2):
            assert refusal(post(client, "/facts", other, "key-0001")) == (409, "key_conflict")
        assert TrainingRecord.objects.count() == 1
        kept = KeyConflict.objects.get()
        assert json.loads(kept.body.open()) == other
        assert "2025-06-13" not in str(kept.body)
        elsewhere = {"district": "990101", "pack": "taoyuan", "since": "2025-01-01"}
        assert refusal(post(client, "/packs/adoptions", elsewhere, "key-0001")) == (409, "key_conflict")

    def test_what_was_refused_leaves_its_key_free(self, cast, system):
        client = system("district_a")
        assert post(client, "/facts", training(999999999), "key-0001").status_code == 404
        assert post(client, "/facts", training(cast.people["worker_a"].pk), "key-0001").status_code == 201

    def test_another_account_has_keys_of_its_own(self, cast, system):
        body = training(cast.people["worker_a"].pk)
        assert post(system("district_a"), "/facts", body, "key-0001").json()["outcomes"] == ["added"]
        assert post(system("subdistrict_a"), "/facts", body, "key-0001").json()["outcomes"] == ["unchanged"]

    @pytest.mark.parametrize("key", [None, "short", "x" * 81, "with blank", "键" * 8])
    def test_no_key_no_effect(self, key, cast, system):
        headers = {} if key is None else {"Idempotency-Key": key.encode().decode("latin-1")}
        body = json.dumps(training(cast.people["worker_a"].pk))
        answer = system("district_a").post(f"{V1}/facts", body, "application/json", headers=headers)
        assert refusal(answer) == (422, "invalid")
        assert not TrainingRecord.objects.exists()

    @pytest.mark.parametrize(
        "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
    )
    def test_only_json_is_taken(self, kind, cast, system):
        client = system("district_a")
        answer = client.generic("POST", f"{V1}/facts", b"{}", kind, headers={"Idempotency-Key": "key-0001"})
        assert refusal(answer) == (415, "media_type")

    def test_what_is_no_json_is_refused(self, system):
        client = system("district_a")
        for wrong in (b"{", b"\xff", b"[", b"[]", b"1"):
            answer = client.generic(
                "POST", f"{V1}/facts", wrong, "application/json", headers={"Idempotency-Key": "key-0001"}
            )
            assert refusal(answer)[0] in (400, 422), wrong


# What is kept under a key is kept for good; what a resident asked is not (apps/assistant/api.py says why at length).
ASKED_WITHOUT_A_KEY = {"ask", "ask-stream", "thumb", "hand-over"}


def test_every_post_answers_once():
    operations = [
        operation
        for bound in api._get_bound_routers()
        for path in bound.path_operations.values()
        for operation in path.operations
    ]
    assert len(operations) > 15
    for operation in operations:
        if operation.methods != ["GET"]:
            once = getattr(operation.view_func, "answers_once", False)
            assert once != (operation.url_name in ASKED_WITHOUT_A_KEY), operation.path
        assert operation.auth_callbacks, operation.path


def test_no_two_schemas_share_a_name(monkeypatch):
    """The description holds one definition a name: two of the same name would describe each other's answers."""
    seen: dict[str, object] = {}

    def add(self, definitions):
        for name, definition in definitions.items():
            assert seen.setdefault(name, definition) == definition, name
        self.schemas.update(definitions)

    monkeypatch.setattr(OpenAPISchema, "add_schema_definitions", add)
    api.get_openapi_schema(path_prefix="api/v1/")
    assert len(seen) > 30
