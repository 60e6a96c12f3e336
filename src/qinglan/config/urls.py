"""The site's addresses: each app brings its own; an app that has none yet is not named here."""

from importlib.util import find_spec

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from qinglan.config.api import absent, api

handler400 = "qinglan.config.api.bad_request"
handler500 = "qinglan.config.api.server_error"

# The order is the order of matching. Each app's urls.py holds its whole addresses, so that one look shows them.
APPS = [
    "audit",
    "people",
    "exchange",
    "notices",
    "facts",
    "policy",
    "rehearsal",
    "pay",
    "rights",
    "assistant",
    "erasure",
    "base",
    "portal",
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include("allauth.urls")),
]
if settings.ADMIN_SITE:  # for rescue work only: it goes past the actions and their scope
    urlpatterns.append(path("admin/", admin.site.urls))
urlpatterns += [
    path("api/v1/", absent),
    path("api/v1/", api.urls),
    path("api/", absent),
    path("api/<path:rest>", absent),
]
urlpatterns += [
    path("", include(f"qinglan.apps.{app}.urls")) for app in APPS if find_spec(f"qinglan.apps.{app}.urls") is not None
]
