"""The addresses of the assistant: ask/ for everybody, assistant/ for those who work here."""

from django.urls import path

from qinglan.apps.assistant.views import cards, evaluations

app_name = "assistant"
urlpatterns = [
    path("assistant/evaluations/", evaluations.listed, name="evaluations"),
    path("assistant/evaluations/new/", evaluations.new, name="evaluation-new"),
    path("assistant/evaluations/sample/", evaluations.sample, name="evaluation-sample"),
    path("assistant/evaluations/<int:evaluation_id>/", evaluations.evaluation, name="evaluation"),
    path("assistant/evaluations/<int:evaluation_id>/progress/", evaluations.progress, name="evaluation-progress"),
    path("assistant/evaluations/<int:evaluation_id>/carry-out/", evaluations.carry_out, name="evaluation-carry-out"),
    path("assistant/evaluations/<int:evaluation_id>/cancel/", evaluations.cancel, name="evaluation-cancel"),
    path("assistant/cards/", cards.listing, name="cards"),
    path("assistant/cards/versions/<int:version_id>/", cards.version, name="card-version"),
    path("assistant/cards/<slug:card_key>/", cards.card, name="card"),
]
