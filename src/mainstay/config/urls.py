"""Every address, by audience."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("mainstay.portal.urls")),
    path("desk/", include("mainstay.desk.urls")),
    path("ui/", include("mainstay.ui.urls")),
]
