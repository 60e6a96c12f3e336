"""The addresses of the assistant: ask/ for everybody, assistant/ for those who work here."""

from django.urls import path

from qinglan.apps.assistant.states import Channel
from qinglan.apps.assistant.views import cards, desk, drafts, evaluations, panel, residents

app_name = "assistant"
KIOSK = {"channel": Channel.KIOSK}
urlpatterns = [
    path("assistant/", panel.panel, name="panel"),
    path("assistant/question/", panel.question, name="panel-question"),
    path("assistant/thumb/", panel.thumb, name="panel-thumb"),
    path("assistant/hand-over/", panel.hand_over, name="panel-hand-over"),
    path("assistant/again/", panel.again, name="panel-again"),
    path("assistant/desk/", desk.desk, name="desk"),
    path("assistant/desk/<int:hand_over_id>/", desk.hand_over, name="hand-over"),
    path("assistant/desk/<int:hand_over_id>/take/", desk.take, name="take"),
    path("assistant/desk/<int:hand_over_id>/put-back/", desk.put_back, name="put-back"),
    path("assistant/desk/<int:hand_over_id>/answer/", desk.answer, name="answer"),
    path("assistant/desk/<int:hand_over_id>/close/", desk.close, name="close"),
    path("ask/", residents.choose, name="choose"),
    path("ask/<slug:place>/", residents.talk, name="resident"),
    path("ask/<slug:place>/question/", residents.question, name="resident-question"),
    path("ask/<slug:place>/here/", residents.here, name="resident-here"),
    path("ask/<slug:place>/thumb/", residents.thumb, name="resident-thumb"),
    path("ask/<slug:place>/hand-over/", residents.hand_over, name="resident-hand-over"),
    path("ask/<slug:place>/handed/<int:question_id>/", residents.handed, name="resident-handed"),
    path("ask/<slug:place>/again/", residents.again, name="resident-again"),
    path("ask/<slug:place>/kiosk/", residents.talk, KIOSK, name="kiosk"),
    path("ask/<slug:place>/kiosk/question/", residents.question, KIOSK, name="kiosk-question"),
    path("ask/<slug:place>/kiosk/thumb/", residents.thumb, KIOSK, name="kiosk-thumb"),
    path("ask/<slug:place>/kiosk/again/", residents.again, KIOSK, name="kiosk-again"),
    path("assistant/evaluations/", evaluations.listed, name="evaluations"),
    path("assistant/evaluations/new/", evaluations.new, name="evaluation-new"),
    path("assistant/evaluations/sample/", evaluations.sample, name="evaluation-sample"),
    path("assistant/evaluations/<int:evaluation_id>/", evaluations.evaluation, name="evaluation"),
    path("assistant/evaluations/<int:evaluation_id>/progress/", evaluations.progress, name="evaluation-progress"),
    path("assistant/evaluations/<int:evaluation_id>/carry-out/", evaluations.carry_out, name="evaluation-carry-out"),
    path("assistant/evaluations/<int:evaluation_id>/cancel/", evaluations.cancel, name="evaluation-cancel"),
    path("assistant/cards/", cards.listing, name="cards"),
    path("assistant/cards/new/", drafts.new, name="card-new"),
    path("assistant/cards/file/", drafts.file, name="card-file"),
    path("assistant/cards/all.yaml", drafts.all_as_file, name="cards-yaml"),
    path("assistant/cards/versions/<int:version_id>/", cards.version, name="card-version"),
    path("assistant/cards/versions/<int:version_id>/move/", drafts.move, name="card-move"),
    path("assistant/cards/<slug:card_key>/", cards.card, name="card"),
    path("assistant/cards/<slug:card_key>/edit/", drafts.edit, name="card-edit"),
    path("assistant/cards/<slug:card_key>/retire/", drafts.retire, name="card-retire"),
    path("assistant/cards/<slug:card_key>/card.yaml", drafts.as_file, name="card-yaml"),
]
