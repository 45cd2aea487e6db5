"""How every door over HTTP tells a failure: RFC 9457 problem+json for programs, a page for people.

One table from code to status; the words come from content/texts/errors.yaml. What is not in
the table is a 500 and an alarm.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware
from pydantic import ValidationError
from pydantic_core import to_json

from domain.errors import DomainError
from models.availability import DatabaseUnavailable, means_away
from observing.request_id import current_request_id
from web.fields import describe_fields, fields_of
from web.words import EVERYBODY, Audience, fill, find_refusal, word_refusal

log = structlog.get_logger("web.problems")

PROBLEM_JSON = "application/problem+json"

#: What nginx calls a client that went away before the answer; seen only in logs and metrics.
CLIENT_GONE = 499

#: Seconds that Retry-After names where the refusal itself does not say.
DEFAULT_RETRY_AFTER = 60

#: The door's one table. A new code of the domain gets its line here and its words in errors.yaml.
STATUS_OF_CODE: Mapping[str, int] = {
    "bad_request": 400,
    "malformed_json": 400,
    "wrong_encoding": 400,
    "sign_in_required": 401,
    "no_permission": 403,
    "foreign_form": 403,
    "login_blocked": 403,
    "binding_required": 403,
    "only_the_keeper": 403,
    "request_of_ones_own": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "too_slow": 408,
    "request_in_progress": 409,
    "class_changed": 409,
    "class_dates_past": 409,
    "class_incomplete": 409,
    "class_occupation_not_taught": 409,
    "class_people_overlap": 409,
    "class_step_refused": 409,
    "class_still_running": 409,
    "class_too_early": 409,
    "class_unchangeable": 409,
    "institution_not_listed": 409,
    "institution_taken": 409,
    "institution_change_refused": 409,
    **dict.fromkeys(
        (
            *("class_not_recruiting", "roster_frozen", "class_full", "enrolment_overlaps"),
            "enrolment_stopped",
            *("trainings_used_up", "own_people_only", "already_in_class", "enrolment_stands"),
            *("left_by_themselves", "roster_not_amendable", "roster_not_filed", "places_named"),
            *("person_twice", "name_fixed"),
        ),
        409,
    ),
    "identity_taken": 409,
    "identity_bound": 409,
    "identity_name_differs": 409,
    "changed_meanwhile": 409,
    **dict.fromkeys(
        (
            *("already_keeper", "keeper_hands_over_first", "keeper_stays"),
            *("too_many_contacts", "too_many_firms"),
            *("request_open", "too_many_requests_open", "request_changed", "request_outdated"),
            "request_unseen",
            *("id_number_taken", "bound_already"),
        ),
        409,
    ),
    "too_large": 413,
    "unsupported_media_type": 415,
    "class_details_wrong": 422,
    "class_not_for_holder": 422,
    "class_reason_needed": 422,
    "class_sessions_wrong": 422,
    "class_hours_short": 409,
    "invalid_input": 422,
    "id_number_wrong": 422,
    "name_wrong": 422,
    "phone_wrong": 422,
    "code_spent": 422,
    "consent_outdated": 422,
    "reason_missing": 422,
    "search_empty": 422,
    "idempotency_key_reused": 422,
    **dict.fromkeys(
        (
            *("sheet_unknown_kind", "sheet_old_kind", "sheet_locked", "sheet_unsafe"),
            *("sheet_damaged", "sheet_wrong_encoding", "sheet_which", "sheet_not_there"),
            *("sheet_no_header", "sheet_no_column", "sheet_header_twice", "sheet_empty"),
            *("sheet_formulas", "sheet_merged", "sheet_too_large", "institution_entry_wrong"),
            *("uscc_wrong", "employer_unknown", "employer_name_wrong", "county_unknown"),
            *("reason_required", "nothing_to_correct"),
        ),
        422,
    ),
    **dict.fromkeys(
        ("amendment_unfounded", "consent_unheard", "name_differs", "not_in_class"), 422
    ),
    # Checking in.
    **dict.fromkeys(
        (
            *("check_in_already", "check_in_window_closed", "check_in_device_used"),
            *("check_in_too_far", "check_in_changed", "check_in_decided", "check_in_lapsed"),
            *("attendance_settings_changed", "class_session_attended"),
            *("too_many_links", "too_many_scans", "screen_sheet_closed"),
        ),
        409,
    ),
    "file_missing": 404,
    **dict.fromkeys(("check_in_not_enrolled", "check_in_needs_another"), 403),
    "check_in_wrong_code": 422,
    "check_in_entered_wrong": 422,
    "attendance_settings_wrong": 422,
    "check_in_paused": 429,
    "slow_down": 429,
    "unexpected": 500,
    "unavailable": 503,
    # Accounts of the console.
    "sign_in_again": 401,
    "reset_needs_another": 403,
    "temporary_password_expired": 403,
    "own_account": 403,
    "reset_own": 403,
    "username_taken": 409,
    "last_supervisor": 409,
    "reset_open": 409,
    "reset_decided": 409,
    "reset_expired": 409,
    "sign_in_failed": 422,
    "second_factor_wrong": 422,
    "password_too_short": 422,
    "password_too_long": 422,
    "password_common": 422,
    "password_same": 422,
    "password_differs": 422,
    "password_wrong": 422,
    "username_unfit": 422,
    "staff_name_missing": 422,
    "staff_role_unfit": 422,
    "staff_county_missing": 422,
    "staff_county_unfit": 422,
    "staff_institution_missing": 422,
    "staff_institution_unfit": 422,
    "reset_reason_missing": 422,
    "sign_in_paused": 429,
    "too_many_looks": 429,
}

#: What an HTTP status alone means; the other codes of the table say more than their status does.
_CODE_OF_STATUS = {
    STATUS_OF_CODE[code]: code
    for code in (
        *("sign_in_required", "no_permission", "not_found", "method_not_allowed", "too_slow"),
        *("too_large", "unsupported_media_type", "invalid_input", "slow_down", "unavailable"),
    )
}
#: Headers of aiohttp's own refusals that say something the body does not.
_KEPT_HEADERS = (hdrs.ALLOW, hdrs.RETRY_AFTER, hdrs.WWW_AUTHENTICATE)

#: Requests that only look: nothing was handed in, so the words must not speak of handing in.
_READING = frozenset({hdrs.METH_GET, hdrs.METH_HEAD})

#: (status, title, detail) -> the HTML page for a person with a browser.
RenderErrorPage = Callable[[int, str, str], str]
#: The same in the frame that a part of the service has for who is signed in there.
RenderFramedPage = Callable[[web.BaseRequest, int, str, str], str]


class Asker(NamedTuple):
    """What of a request decides how its failure is told."""

    method: str
    path: str
    accept: str
    #: What frames of pages are made for; None where it could not be read.
    request: web.BaseRequest | None = None

    @classmethod
    def of(cls, request: web.BaseRequest) -> "Asker":
        """That of a request that could be read."""
        return cls(request.method, request.path, request.headers.get(hdrs.ACCEPT, ""), request)


class Problems:
    """Turns failures into answers.

    `texts` maps "errors.<code>.title" and "errors.<code>.detail" to words. Beside `detail` a
    code may have `about.<name>`, chosen by the fact "about", and `reading`, for requests that
    only look; who reads what is refused at a path, `audience_of` says, and whose own words come
    before these (web.words). `count_unexpected` raises the alarm counter; `render_page` makes the
    page that a browser outside `api_prefix` gets, `framed_pages` that of the parts below their
    prefixes.
    """

    def __init__(
        self,
        texts: Mapping[str, str],
        *,
        count_unexpected: Callable[[], None],
        render_page: RenderErrorPage,
        framed_pages: Mapping[str, RenderFramedPage] | None = None,
        audience_of: Callable[[str], Audience] = lambda _path: EVERYBODY,
        api_prefix: str = "/api/",
    ) -> None:
        self._texts = texts
        self._count_unexpected = count_unexpected
        self._render_page = render_page
        self._framed_pages = framed_pages or {}
        self._audience_of = audience_of
        self._api_prefix = api_prefix

    def middleware(self) -> Middleware:
        """The one place where a failure becomes an answer; redirects pass through."""

        @web.middleware
        async def answer_failures(request: web.Request, handler: Handler) -> web.StreamResponse:
            try:
                response = await handler(request)
            except web.HTTPException as error:
                if error.status < 400:
                    raise
                return self._answer_http(request, error)
            except Exception as error:
                return await self._answer_exception(request, error)
            return self._check_returned(request, response)

        return answer_failures

    def answer(
        self,
        request: web.Request,
        code: str,
        facts: Mapping[str, object] | None = None,
        *,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> web.Response:
        """The answer for `code`, a key of STATUS_OF_CODE, in the form this path speaks.

        `status` overrides the table's, for an HTTP status that has no code of its own.
        """
        return self.answer_asker(Asker.of(request), code, facts, status=status, headers=headers)

    def answer_asker(
        self,
        asker: Asker,
        code: str,
        facts: Mapping[str, object] | None = None,
        *,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> web.Response:
        """The same where there may be no request that could be read."""
        facts = dict(facts or {})
        status = status or STATUS_OF_CODE[code]
        sent_headers = {"Cache-Control": "no-store", **(headers or {})}
        if code == "slow_down":
            facts.setdefault("retry_after", DEFAULT_RETRY_AFTER)
        if "retry_after" in facts:
            sent_headers.setdefault(hdrs.RETRY_AFTER, str(facts["retry_after"]))
        if code == "unavailable":
            sent_headers.setdefault(hdrs.RETRY_AFTER, str(DEFAULT_RETRY_AFTER))
        if code == "sign_in_required":
            sent_headers.setdefault(hdrs.WWW_AUTHENTICATE, "Bearer")
        title = word_refusal(self._texts, self._audience_of(asker.path), code, "title")
        detail = fill(self._choose_detail(asker, code, facts), facts)
        if not self._is_api(asker.path):
            return self._answer_person(asker, status, title, detail, sent_headers)
        problem = {
            "type": f"/api/docs#error-{code}",
            "title": title,
            "status": status,
            "code": code,
            "detail": detail,
            "facts": facts,
        }
        body = to_json(problem, fallback=str, inf_nan_mode="null")
        return web.Response(
            status=status, body=body, content_type=PROBLEM_JSON, headers=sent_headers
        )

    def answer_unexpected(self, asker: Asker, error: BaseException | None) -> web.Response:
        """The 500 for whatever no table knows, logged and counted."""
        self._count_unexpected()
        log.error("unexpected_error", exc_info=error)
        return self.answer_asker(asker, "unexpected", {"request_id": current_request_id()})

    def _choose_detail(self, asker: Asker, code: str, facts: Mapping[str, object]) -> str:
        audience = self._audience_of(asker.path)
        if "about" in facts:
            return word_refusal(self._texts, audience, code, f"about.{facts['about']}")
        reading = find_refusal(self._texts, audience, code, "reading")
        if reading is not None and asker.method in _READING:
            return reading
        return word_refusal(self._texts, audience, code, "detail")

    def _is_api(self, path: str) -> bool:
        return path.startswith(self._api_prefix) or path == self._api_prefix[:-1]

    def _answer_person(
        self, asker: Asker, status: int, title: str, detail: str, headers: dict[str, str]
    ) -> web.Response:
        if "text/html" in asker.accept:
            text, content_type = self._write_page(asker, status, title, detail), "text/html"
        else:
            text, content_type = f"{title}\n{detail}\n", "text/plain"
        return web.Response(
            status=status, text=text, content_type=content_type, charset="utf-8", headers=headers
        )

    def _write_page(self, asker: Asker, status: int, title: str, detail: str) -> str:
        if asker.request is not None:
            for prefix, render in self._framed_pages.items():
                if asker.path.startswith(prefix):
                    return render(asker.request, status, title, detail)
        return self._render_page(status, title, detail)

    async def _answer_exception(self, request: web.Request, error: Exception) -> web.StreamResponse:
        if isinstance(error, DomainError):
            return self._answer_refusal(request, error)
        if isinstance(error, ValidationError):
            # A view turns what a person sent into invalid_input by itself (api/views.py). One
            # that comes as far as here is answered alike, and logged, for it may be our fault.
            log.warning("validation_outside_a_view", exc_info=error)
            fields = describe_fields(self._texts, fields_of(error, "body"))
            return self.answer(request, "invalid_input", {"fields": fields})
        if isinstance(error, ConnectionError) and _is_client_gone(request):
            return web.Response(status=CLIENT_GONE)
        if isinstance(error, DatabaseUnavailable) or await means_away(error):
            # No fault of ours, and no alarm: /readyz and the store's own alarms tell of it.
            log.warning("database_unavailable", error=type(error).__name__)
            return self.answer(request, "unavailable")
        return self.answer_unexpected(Asker.of(request), error)

    def _answer_refusal(self, request: web.Request, error: DomainError) -> web.Response:
        if error.code == "unexpected" or error.code not in STATUS_OF_CODE:
            log.error("unknown_error_code", code=error.code)
            return self.answer_unexpected(Asker.of(request), error)
        facts = dict(error.facts)
        if error.code == "invalid_input" and isinstance(facts.get("fields"), list):
            facts["fields"] = describe_fields(self._texts, facts["fields"])  # type: ignore[arg-type]
        return self.answer(request, error.code, facts)

    def _answer_http(self, request: web.Request, error: web.HTTPException) -> web.Response:
        """aiohttp's own refusals, and the 400 that aiohttp-pydantic raises for a body."""
        if error.status >= 500 and error.status != 503:
            return self.answer_unexpected(Asker.of(request), error)
        headers = {
            str(name): error.headers[name] for name in _KEPT_HEADERS if name in error.headers
        }
        if error.status == 400 and error.content_type == "application/json":
            # aiohttp-pydantic answers a list of faults, or an object for a body without JSON.
            return self._answer_pydantic(request, error.text or "")
        code = _CODE_OF_STATUS.get(error.status, "bad_request")
        return self.answer(request, code, status=error.status, headers=headers)

    def _answer_pydantic(self, request: web.Request, text: str) -> web.Response:
        if not text.startswith("["):
            return self.answer(request, "malformed_json")
        fields = fields_of(text, "body")
        return self.answer(
            request, "invalid_input", {"fields": describe_fields(self._texts, fields)}
        )

    def _check_returned(
        self, request: web.Request, response: web.StreamResponse
    ) -> web.StreamResponse:
        """A handler that returns a failure, where it should raise one, is put right too."""
        if response.status < 400 or response.prepared or not self._is_api(request.path):
            return response
        if response.content_type == PROBLEM_JSON or response.status == CLIENT_GONE:
            return response
        if response.status == 400 and response.content_type == "application/json":
            text = response.text if isinstance(response, web.Response) else None
            return self._answer_pydantic(request, text or "")
        code = _CODE_OF_STATUS.get(response.status, "bad_request")
        if response.status >= 500 and response.status != 503:
            self._count_unexpected()
            return self.answer(request, "unexpected", {"request_id": current_request_id()})
        return self.answer(request, code, status=response.status)


def _is_client_gone(request: web.Request) -> bool:
    transport: Any = request.transport
    return transport is None or transport.is_closing()
