"""The addresses of rehearsals, all under rehearsals/."""

from django.urls import path

from qinglan.apps.rehearsal.views import asking, reading

app_name = "rehearsal"
urlpatterns = [
    path("rehearsals/", reading.listed, name="list"),
    path("rehearsals/new/", asking.new, name="new"),
    path("rehearsals/row/", asking.row, name="row"),
    path("rehearsals/<int:rehearsal_id>/", reading.rehearsal, name="rehearsal"),
    path("rehearsals/<int:rehearsal_id>/progress/", reading.progress, name="progress"),
    path("rehearsals/<int:rehearsal_id>/groups/", reading.groups, name="groups"),
    path("rehearsals/<int:rehearsal_id>/live/", asking.live, name="live"),
    path("rehearsals/<int:rehearsal_id>/cancel/", asking.cancel, name="cancel"),
    path("rehearsals/<int:rehearsal_id>/adopt/", asking.adopt, name="adopt"),
]
