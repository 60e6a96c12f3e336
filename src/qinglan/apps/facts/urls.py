"""The addresses of imports and facts."""

from django.urls import path

from qinglan.apps.facts.views import imports, ledger, words

app_name = "facts"
urlpatterns = [
    path("facts/", ledger.facts, name="list"),
    path("facts/people/<int:person_id>/", ledger.person_facts, name="person-facts"),
    path("facts/<slug:kind>/<int:fact_id>/", ledger.fact, name="fact"),
    path("facts/<slug:kind>/<int:fact_id>/correct/", ledger.correct, name="correct"),
    path("facts/<slug:kind>/<int:fact_id>/withdraw/", ledger.withdraw, name="withdraw"),
    path("imports/", imports.imports, name="imports"),
    path("imports/words/", words.words, name="words"),
    path("imports/words/<int:word_id>/remove/", words.remove_word, name="remove-word"),
    path("imports/templates/<slug:kind>/", imports.template_file, name="template"),
    path("imports/<int:batch_id>/", imports.batch, name="import"),
    path("imports/<int:batch_id>/progress/", imports.progress, name="progress"),
    path("imports/<int:batch_id>/check/", imports.check, name="check"),
    path("imports/<int:batch_id>/apply/", imports.apply, name="apply"),
    path("imports/<int:batch_id>/give-up/", imports.give_up, name="give-up"),
    path("imports/<int:batch_id>/forget/", imports.forget, name="forget"),
    path("imports/<int:batch_id>/marked/", imports.marked, name="marked"),
    path("imports/<int:batch_id>/columns/", imports.columns, name="columns"),
]
