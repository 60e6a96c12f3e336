"""The addresses of claims and proposals."""

from django.urls import path

from qinglan.apps.rights.views import claims, desk, proposals

app_name = "rights"
urlpatterns = [
    path("rights/", claims.mine, name="mine"),
    path("rights/new/", claims.new, name="new"),
    path("rights/desk/", desk.desk, name="desk"),
    path("rights/day/", desk.day, name="day"),
    path("rights/<int:claim_id>/", claims.claim, name="claim"),
    path("rights/<int:claim_id>/files/<int:file_id>/", claims.evidence, name="evidence"),
    path("rights/<int:claim_id>/withdraw/", claims.withdraw, name="withdraw"),
    path("rights/<int:claim_id>/review/", claims.review, name="review"),
    path("rights/<int:claim_id>/close/", claims.close, name="close"),
    path("rights/<int:claim_id>/assign/", desk.assign, name="assign"),
    path("rights/<int:claim_id>/answer/", desk.answer, name="answer"),
    path("rights/<int:claim_id>/correct/", desk.correct, name="correct"),
    path("rights/<int:claim_id>/complete/", desk.complete, name="complete"),
    path("rights/proposals/", proposals.proposals, name="proposals"),
    path("rights/proposals/new/<int:result_id>/<slug:kind>/", proposals.propose, name="propose"),
    path("rights/proposals/<int:proposal_id>/", proposals.proposal, name="proposal"),
    path("rights/proposals/<int:proposal_id>/tick/", proposals.tick, name="tick"),
    path("rights/proposals/<int:proposal_id>/<slug:move>/", proposals.move, name="move"),
]
