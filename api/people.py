"""The routes of people: login, identity, what is held of them, the privacy notice."""

from aiohttp import web

from api.identity import IdentityView, PhoneView
from api.login import LoginView, LogoutView
from api.me import ExportView, MeView, MySessionsView, MySessionView
from api.privacy import PrivacyVersionView, PrivacyView


def add_people(app: web.Application) -> None:
    """Add them to the application below /api."""
    app.router.add_view("/v1/privacy", PrivacyView)
    app.router.add_view("/v1/privacy/{version}", PrivacyVersionView)
    app.router.add_view("/v1/login", LoginView)
    app.router.add_view("/v1/logout", LogoutView)
    app.router.add_view("/v1/phone", PhoneView)
    app.router.add_view("/v1/identity", IdentityView)
    app.router.add_view("/v1/me", MeView)
    app.router.add_view("/v1/me/export", ExportView)
    app.router.add_view("/v1/me/sessions", MySessionsView)
    app.router.add_view("/v1/me/sessions/{session}", MySessionView)
