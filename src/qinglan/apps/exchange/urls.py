"""The addresses of tokens and of addresses to be told. Those of the API itself are in config.api."""

from django.urls import path

from qinglan.apps.exchange import views

app_name = "exchange"
urlpatterns = [
    path("tokens/", views.tokens, name="tokens"),
    path("tokens/new/", views.new_token, name="new-token"),
    path("tokens/<int:token_id>/revoke/", views.revoke, name="revoke"),
    path("tokens/conflicts/", views.conflicts, name="conflicts"),
    path("tokens/conflicts/<int:conflict_id>/", views.conflict, name="conflict"),
    path("webhooks/", views.webhooks, name="webhooks"),
    path("webhooks/new/", views.new_webhook, name="new-webhook"),
    path("webhooks/<int:webhook_id>/stop/", views.stop_webhook, name="stop-webhook"),
    path("webhooks/deliveries/<int:delivery_id>/again/", views.again, name="again"),
]
