"""The addresses of organisations, people and accounts."""

from django.urls import path

from qinglan.apps.people.views import accounts, browsing, devices, duplicates, editing, everything, log, reorganising

app_name = "people"
urlpatterns = [
    path("organisations/", browsing.organisations, name="organisations"),
    path("organisations/<str:code>/", browsing.organisation, name="organisation"),
    path("organisations/<str:code>/branches/", browsing.branches, name="branches"),
    path("organisations/<str:code>/change/<str:what>/", reorganising.change, name="reorganise"),
    path("people/", browsing.persons, name="persons"),
    path("people/me/", browsing.mine, name="mine"),
    path("people/new/", editing.new, name="new"),
    path("people/duplicates/", duplicates.duplicates, name="duplicates"),
    path("people/duplicates/<int:first_id>/<int:second_id>/", duplicates.compare, name="compare"),
    path("people/merges/<int:merge_id>/undo/", duplicates.unmerge, name="unmerge"),
    path("people/<int:person_id>/", browsing.person, name="person"),
    path("people/<int:person_id>/all-about-me/", everything.everything, name="everything"),
    path("people/<int:person_id>/reveal/<str:field>/", browsing.reveal, name="reveal"),
    path("people/<int:person_id>/change/<str:what>/", editing.change, name="change"),
    path("people/<int:person_id>/posts/<int:posting_id>/end/", editing.end_post, name="end-post"),
    path("people/<int:person_id>/certificates/<int:certificate_id>/renew/", editing.renew, name="renew"),
    path("users/", accounts.accounts, name="accounts"),
    path("users/new/", accounts.open_account, name="open-account"),
    path("users/<int:user_id>/", accounts.account, name="account"),
    path("users/<int:user_id>/password/", accounts.hand_out_password, name="password"),
    path("users/<int:user_id>/grant/", accounts.grant, name="grant"),
    path("users/<int:user_id>/deactivate/", accounts.switch, {"what": "deactivate"}, name="deactivate"),
    path("users/<int:user_id>/reactivate/", accounts.switch, {"what": "reactivate"}, name="reactivate"),
    path("users/<int:user_id>/end-sessions/", devices.end_all, name="end-sessions"),
    path("users/grants/<int:grant_id>/end/", accounts.end_grant, name="end-grant"),
    path("devices/", devices.devices, name="devices"),
    path("devices/end/", devices.end, name="end-device"),
    path("devices/end-others/", devices.end_others, name="end-other-devices"),
    path("audit/", log.events, name="log"),
    path("audit/<int:event_id>/", log.event, name="log-event"),
    path("audit/looks/", log.looks, name="log-looks"),
    path("audit/denied/", log.denied, name="log-denied"),
]
