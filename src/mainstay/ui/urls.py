"""Addresses of the look itself."""

from django.urls import path

from mainstay.ui import views

app_name = "ui"

urlpatterns = [
    path("theme", views.theme, name="theme"),
    path("gallery", views.gallery, name="gallery"),
]
