"""The addresses of pay."""

from django.urls import path

from qinglan.apps.pay import views

app_name = "pay"
urlpatterns = [
    path("pay/", views.months, name="months"),
    path("pay/compute/", views.compute, name="compute"),
    path("pay/mine/", views.own, name="own"),
    path("pay/months/<int:month_id>/", views.month, name="month"),
    path("pay/months/<int:month_id>/close/", views.close, name="close"),
    path("pay/slips/<int:slip_id>/", views.slip, name="slip"),
    path("pay/slips/<int:slip_id>/pdf/", views.slip_pdf, name="slip-pdf"),
]
