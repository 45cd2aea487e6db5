"""How the domain says no: a stable code and the facts, never prose, never an HTTP status.

Each door has one table from code to words (content/texts/errors.yaml) or to a status
(web/problems.py); tests/test_architecture.py checks that every code raised has its words.
"""


class DomainError(Exception):
    """A rule refused. `code` is stable; `facts` fill the placeholders of the door's words."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts
