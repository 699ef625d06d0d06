"""The pages of django-helpdesk, which its mails link to."""

from django.urls import include, path

urlpatterns = [path("", include("helpdesk.urls", namespace="helpdesk"))]
