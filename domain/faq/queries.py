"""What the doors ask of the FAQ."""

from datetime import date

from domain.faq.routing import Router, Routing


def answer_question(router: Router, text: str, as_of: date) -> Routing:
    """The outcome for what a person typed, as it reads on `as_of` (Asia/Shanghai).

    Pure computation of well under a millisecond: no I/O, so the event loop may call it.
    """
    return router.route(text, as_of)


def answer_target(router: Router, target: str, as_of: date) -> Routing | None:
    """The outcome for what a person picked: "entry:ID" or "intent:NAME" (menu keys, options).

    None for a target that is not, or no longer, there.
    """
    kind, _, name = target.partition(":")
    if kind == "entry":
        return router.answer_entry(name, as_of)
    if kind == "intent":
        return router.open_service(name, as_of)
    return None
