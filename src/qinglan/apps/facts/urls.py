"""The addresses of imports and facts."""

from django.urls import path

from qinglan.apps.facts import views

app_name = "facts"
urlpatterns = [
    path("facts/", views.facts, name="list"),
    path("facts/people/<int:person_id>/", views.person_facts, name="person-facts"),
    path("imports/", views.imports, name="imports"),
    path("imports/templates/<slug:kind>/", views.template_file, name="template"),
    path("imports/<int:batch_id>/", views.batch, name="import"),
    path("imports/<int:batch_id>/apply/", views.apply, name="apply"),
    path("imports/<int:batch_id>/give-up/", views.give_up, name="give-up"),
    path("imports/<int:batch_id>/marked/", views.marked, name="marked"),
    path("imports/<int:batch_id>/columns/", views.columns, name="columns"),
]
