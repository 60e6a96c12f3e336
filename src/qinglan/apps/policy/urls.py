"""The addresses of results and packs."""

from django.urls import path

from qinglan.apps.policy.views import deciding, letters, packs, releases, results, slices, what_if

app_name = "policy"
urlpatterns = [
    path("results/", results.results, name="results"),
    path("results/compute/", results.compute, name="compute"),
    path("results/runs/", results.runs, name="runs"),
    path("results/runs/<int:run_id>/", results.run, name="run"),
    path("results/runs/<int:run_id>/decide/", deciding.decide, name="decide"),
    path("results/runs/<int:run_id>/review/", deciding.review, name="review"),
    path("results/runs/<int:run_id>/against/<int:other_id>/", deciding.differences, name="differences"),
    path("results/runs/<int:run_id>/mark/", deciding.mark, name="mark"),
    path("results/runs/<int:run_id>/letters/", letters.letters, name="letters"),
    path("what-if/", what_if.what_if, name="what-if"),
    path("what-if/row/", what_if.row, name="what-if-row"),
    path("results/people/", slices.people, name="people"),
    path("results/units/", slices.units, name="units"),
    path("results/people/<int:person_id>/", results.person_results, name="person-results"),
    path("results/units/<int:unit_id>/", results.unit, name="unit"),
    path("results/<int:result_id>/", results.result, name="result"),
    path("results/<int:result_id>/letter/", letters.letter, name="letter"),
    path("results/<int:result_id>/why/<str:family>/", results.why, name="why"),
    path("results/<int:result_id>/pay/", results.pay, name="pay"),
    path("results/<int:result_id>/pay/<int:month>/", results.month, name="month"),
    path("packs/", packs.packs, name="packs"),
    path("packs/adopt/", packs.adopt, name="adopt"),
    path("packs/compare/", packs.compare, name="compare"),
    path("packs/upload/", releases.upload, name="upload"),
    path("packs/releases/<int:release_id>/", releases.release, name="release"),
    path("packs/releases/<int:release_id>/read/", releases.read, name="release-read"),
    path("packs/releases/<int:release_id>/move/", releases.move, name="release-move"),
    path("packs/<slug:name>/", packs.pack, name="pack"),
]
