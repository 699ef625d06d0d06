"""Addresses of the look itself."""

from django.urls import path

from mainstay.ui import views
from mainstay.ui.doors import staff_page

app_name = "ui"

urlpatterns = [
    path("theme", views.theme, name="theme"),
    path("language", views.language, name="language"),
    path("gallery", staff_page()(views.gallery), name="gallery"),
]
