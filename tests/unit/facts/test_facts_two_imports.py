"""The same file brought in twice at the same moment: one effect, nothing double, nobody gets an error."""

from threading import Barrier, Thread

import pytest
from django.db import connection
from tests.unit.facts.workbooks import DATA, TODAY, organisations, register, submit

from qinglan.apps.facts.actions import imports
from qinglan.apps.facts.models import ImportBatch, TrainingRecord
from qinglan.apps.people.models import Person, Posting


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("kind", "file"), [("training", "facts-training.xlsx"), ("roster", "roster-jianghan.xlsx")])
def test_same_file_applied_twice_at_once(kind: str, file: str) -> None:
    organisations()
    if kind == "training":
        register()
    batches = [submit(kind, (DATA / file).read_bytes()) for _ in range(2)]
    barrier, results = Barrier(2), []

    def work(batch: ImportBatch) -> None:
        try:
            barrier.wait(120)
            done = imports.apply(batch=batch, today=TODAY, by=None)
            results.append((done.accepted, done.unchanged, done.state))
        except Exception as error:  # what went wrong is what the test looks at
            results.append(error)
        finally:
            connection.close()

    threads = [Thread(target=work, args=(batch,)) for batch in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    good = batches[0].accepted
    assert good > 0
    assert sorted(results) == [(0, good, "applied"), (good, 0, "applied")]
    if kind == "training":
        assert TrainingRecord.objects.count() == good
    else:
        assert Person.objects.count() == Posting.objects.count() == good
