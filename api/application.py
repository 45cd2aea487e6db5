"""The API below /api: the mini-program's JSON, its OpenAPI document, and a page that shows it."""

from collections.abc import Callable, Mapping, Sequence

from aiohttp import web

from api.check_ins import add_check_ins
from api.classes import ClassesView, ClassView
from api.docs import add_documentation
from api.employers import add_employers
from api.enrolments import add_enrolments
from api.faq import ANSWER_QUESTION, AnswerQuestion, FaqView
from api.firm_attendance import add_firm_attendance
from api.firm_check_ins import add_firm_check_ins
from api.firm_classes import add_firm_classes
from api.firm_rosters import add_firm_rosters
from api.firm_scans import add_firm_scans
from api.idempotency import answer_once
from api.institutions import InstitutionsView, InstitutionView
from api.people import add_people
from api.policies import CATALOGUE, ClauseView, CurrentCatalogue, PoliciesView, Policy
from api.requests import add_requests
from api.sessions import SESSIONS, Sessions
from api.tools import TOOLS, Tools


def create(
    *,
    answer_question: AnswerQuestion,
    list_policies: Callable[[], Sequence[Policy]],
    texts: Mapping[str, str],
    public_url: str,
    tools: Tools | None = None,
    sessions: Sessions | None = None,
) -> web.Application:
    """The sub-application; the composition root adds it: `app.add_subapp("/api", …)`.

    `answer_question` routes one question today (plain values of Routing.to_json()),
    `list_policies` gives Content.policies as they are then, `texts` are Content.texts, `tools`
    what views of people and training work with, `sessions` the guard's (api/sessions.py). Inside
    of web.application's middlewares it has one of its own, which gives an answer again
    (api/idempotency.py).
    """
    middlewares = [] if tools is None else [answer_once(tools.vault, tools.clock)]
    app = web.Application(middlewares=middlewares)
    app[ANSWER_QUESTION] = answer_question
    if tools is not None:
        app[TOOLS] = tools
        app.router.add_view("/v1/classes", ClassesView)
        app.router.add_view("/v1/classes/{class_id}", ClassView)
        add_people(app)
        add_employers(app)
        add_enrolments(app)
        add_check_ins(app)
        add_firm_classes(app)
        add_firm_rosters(app)
        add_firm_attendance(app)
        add_firm_check_ins(app)
        add_firm_scans(app)
        add_requests(app)
    app[CATALOGUE] = CurrentCatalogue(list_policies)
    if sessions is not None:
        app[SESSIONS] = sessions
    app.router.add_view("/v1/faq", FaqView)
    app.router.add_view("/v1/policies", PoliciesView)
    app.router.add_view("/v1/policies/{clause}", ClauseView)
    app.router.add_view("/v1/institutions", InstitutionsView)
    app.router.add_view("/v1/institutions/{institution_id}", InstitutionView)
    add_documentation(app, texts=texts, public_url=public_url)
    return app
