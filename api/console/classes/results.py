"""The results of a final test as lines of text, by the numbers of the roster.

1-28 通过
29 王* 没通过
30 李* 通过 S000037150026001
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from uuid import UUID

from api.console.classes.timetable import Unread
from domain.training.details import Result

_WORDS: Mapping[str, str] = {
    **dict.fromkeys(("通过", "合格"), "passed"),
    **dict.fromkeys(("没通过", "未通过", "不通过", "不合格"), "failed"),
    "缺考": "absent",
}
_SAID = {"passed": "通过", "failed": "没通过", "absent": "缺考"}
_LINE = re.compile(
    rf"(\d{{1,3}})(?:(?:-|~|—|–|到|至)(\d{{1,3}}))?(?: \S+)?? ({'|'.join(_WORDS)})(?: (\S+))?"
)
#: A number and a name, as the form gives them: nothing is said of this one yet.
_SILENT = re.compile(r"\d{1,3}(?: \S+)?")


def read_results(text: str, roster: Sequence[UUID]) -> list[Result]:
    """What `text` says of the enrolments of `roster`, which are numbered from 1; of two lines on
    one person the later counts. Raises Unread."""
    read: dict[UUID, Result] = {}
    for number, line in enumerate(text.splitlines(), 1):
        plain = " ".join(unicodedata.normalize("NFKC", line).split())
        if not plain:
            continue
        found = _LINE.fullmatch(plain)
        if found is None:
            if _SILENT.fullmatch(plain):
                continue
            raise Unread(number)
        first, last, word, certificate = found.groups()
        places = range(int(first), int(last or first) + 1)
        if not places or not 1 <= places[0] <= places[-1] <= len(roster):
            raise Unread(number)
        if certificate and len(places) > 1:
            raise Unread(number)
        for place in places:
            enrolment = roster[place - 1]
            read[enrolment] = Result(enrolment, _WORDS[word], certificate or "")
    return list(read.values())


def write_results(people: Sequence[tuple[UUID, str]], known: Mapping[UUID, Result]) -> str:
    """A line for each of `people` (enrolment, masked name), with what is known of them."""
    lines = []
    for number, (enrolment, name) in enumerate(people, 1):
        result = known.get(enrolment)
        said = f" {_SAID[result.result]} {result.certificate}" if result else ""
        lines.append(f"{number} {name}{said}".rstrip())
    return "\n".join(lines)
