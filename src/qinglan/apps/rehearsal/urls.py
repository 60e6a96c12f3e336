"""The addresses of rehearsals and of studies, all under rehearsals/ and studies/."""

from django.urls import path

from qinglan.apps.rehearsal.views import asking, groups, parameters, reading, report, sheets, studies

app_name = "rehearsal"
urlpatterns = [
    path("rehearsals/", reading.listed, name="list"),
    path("rehearsals/new/", asking.new, name="new"),
    path("rehearsals/row/", asking.row, name="row"),
    path("rehearsals/new/file/", asking.from_file, name="file"),
    path("rehearsals/warm/", asking.warm, name="warm"),
    path("rehearsals/parameters/", parameters.listed, name="parameters"),
    path("rehearsals/<int:rehearsal_id>/", reading.rehearsal, name="rehearsal"),
    path("rehearsals/<int:rehearsal_id>/progress/", reading.progress, name="progress"),
    path("rehearsals/<int:rehearsal_id>/groups/", groups.groups, name="groups"),
    path("rehearsals/<int:rehearsal_id>/winners/", groups.winners, name="winners"),
    path("rehearsals/<int:rehearsal_id>/report.pdf", report.report, name="report"),
    path("rehearsals/<int:rehearsal_id>/scenario.yaml", report.scenario, name="scenario"),
    path("rehearsals/<int:rehearsal_id>/live/", asking.live, name="live"),
    path("rehearsals/<int:rehearsal_id>/cancel/", asking.cancel, name="cancel"),
    path("rehearsals/<int:rehearsal_id>/adopt/", asking.adopt, name="adopt"),
    path("studies/", studies.listed, name="studies"),
    path("studies/new/", studies.new, name="study-new"),
    path("studies/template/<str:kind>/", sheets.template, name="study-template"),
    path("studies/<int:study_id>/", studies.study, name="study"),
    path("studies/<int:study_id>/progress/", studies.progress, name="study-progress"),
    path("studies/<int:study_id>/answer/", studies.answer, name="study-answer"),
    path("studies/<int:study_id>/cancel/", studies.cancel, name="study-cancel"),
]
