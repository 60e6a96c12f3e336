"""Writes a golden run: python -m tests.data.golden.make FOLDER — inputs, pack and fingerprints of a small synthetic district.

Made once a release from a database that holds one sub-district of 桃源区 (合成数据), and kept for ever: a later release must compute it
again to the byte (ADR 0008). Never made anew to please a test.
"""

import json
import sys
from pathlib import Path

from qinglan import __version__, server
from qinglan.commands.start import set_up_django

set_up_django("app")
server.join()

from qinglan.apps.policy.models import Run  # noqa: E402  (models need Django set up)


def main(folder: Path) -> None:
    """The newest run with inputs of the database."""
    run = Run.objects.filter(input__isnull=False).select_related("input", "pack_text").latest("pk")
    folder.mkdir(parents=True)
    (folder / "tables.zip").write_bytes(bytes(run.input.tables))
    assert run.pack_text is not None
    kept = {
        "release": __version__,
        "district": run.org_code,
        "year": run.year,
        "people": run.people,
        "pack": run.pack_text.name,
        "pack_hash": run.pack_hash,
        "rule_versions": run.rule_versions,
        "columns": run.input.columns,
        "tables_hash": run.input.tables_hash,
        "inputs_hash": run.inputs_hash,
        "results_hash": run.results_hash,
        "files": run.pack_text.files,
    }
    (folder / "run.json").write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
