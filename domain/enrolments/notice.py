"""What everybody who enrols is told (L12): the class's subsidy rules, whom to ask, how to complain.

The words are kept once, under their digest, and each telling names it: so what somebody was told
can be shown years later, whatever the texts are by then.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from content.schema import Content, Programme
from domain.calendar import LOCAL
from domain.enrolments.rules import TRAININGS_A_YEAR, TRAININGS_CLAUSE
from domain.errors import DomainError
from domain.faq.wording import Contact, Sources, format_date
from domain.standards.queries import list_standards
from domain.standards.rules import Standard
from domain.training.views import AnyClass
from models.columns import new_id
from models.enrolments import Informed, NoticeWords

#: Of the subsidy standards those that a notice names: an occupation has some kinds.
_MOST_STANDARDS = 2
#: The clause by which people have to be told.
INFORMING_CLAUSE = "L12"


@dataclass(frozen=True, slots=True)
class Teller:
    """What is said at the moment, and the numbers that people are given; None: the content's
    owner has named none."""

    content: Content
    contact: Contact | None

    def programme(self, key: str) -> Programme | None:
        """A programme by its key; None for one that the content no longer has."""
        return next((one for one in self.content.programmes if one.key == key), None)

    def counts(self, key: str) -> bool:
        """Whether a class of the programme is one of a person's three of the year (P33-1.1)."""
        programme = self.programme(key)
        return programme is None or programme.counts


def word_notice(
    teller: Teller, *, title: str, programme: str, today: date, standard: str = ""
) -> str:
    """The notice for a class, at most six lines. Every rule names its clause, and says where it
    has ended or is of an earlier year (law 9).

    `standard`: what the subsidy standards (L08) say of its occupation, in words; "" for nothing.
    """
    texts, sources = teller.content.texts, Sources.of(teller.content)
    known = teller.programme(programme)
    clauses = known.sources if known else ()
    lines = [
        texts["enrol.notice.rules"].format(
            title=title,
            programme=known.name if known else programme,
            sources=sources.name(clauses) or "—",
        )
        + standard,
        _word_age(teller, sources, clauses, today),
    ]
    if teller.counts(programme):
        lines.append(
            texts["enrol.notice.three"].format(
                most=TRAININGS_A_YEAR, sources=sources.name([TRAININGS_CLAUSE])
            )
        )
    else:
        lines.append(
            texts["enrol.notice.uncounted"].format(sources=sources.name([TRAININGS_CLAUSE]))
        )
    lines.append(texts["enrol.notice.forbidden"].format(sources=sources.name([INFORMING_CLAUSE])))
    if teller.contact is None:
        lines.append(texts["enrol.notice.office"])
    else:
        lines.append(texts["enrol.notice.contact"].format(**teller.contact._asdict()))
    return "\n".join(line.strip() for line in lines if line)


def digest_words(words: str) -> str:
    """What words are known by."""
    return hashlib.sha256(words.encode()).hexdigest()


async def keep_words(connection: BaseDBAsyncClient, words: str, now: datetime) -> str:
    """The digest of `words`, which are kept from now on."""
    digest = digest_words(words)
    await connection.execute_query(
        "INSERT INTO notice_words (digest, words, first_said_at) VALUES ($1, $2, $3)"
        " ON CONFLICT (digest) DO NOTHING",
        [digest, words, now],
    )
    return digest


async def note_telling(
    connection: BaseDBAsyncClient,
    enrolments: Collection[UUID],
    words: str,
    *,
    channel: str,
    shown: bool,
    made_by: str,
    now: datetime,
) -> None:
    """Put on the record that whoever has these enrolments was told `words`, or is owed them."""
    digest = await keep_words(connection, words, now)
    await Informed.bulk_create(
        [
            Informed(
                id=new_id(),
                enrolment_id=enrolment,
                notice_digest=digest,
                channel=channel,
                state="shown" if shown else "owed",
                made_by=made_by,
                made_at=now,
                told_at=now if shown else None,
            )
            for enrolment in enrolments
        ],
        batch_size=1000,
        using_db=connection,
    )


async def settle_debt(
    connection: BaseDBAsyncClient, enrolment: UUID, *, channel: str, made_by: str, now: datetime
) -> str:
    """The words that the person with this enrolment was owed last, told from now on by `made_by`
    (Actor.key); "" where nothing was owed."""
    owed = (
        await Informed.filter(enrolment_id=enrolment, state="owed")
        .using_db(connection)
        .select_for_update(no_key=True)
        .order_by("-id")
    )
    if not owed:
        return ""
    await (
        Informed.filter(id__in=[one.id for one in owed])
        .using_db(connection)
        .update(state="shown", channel=channel, made_by=made_by, told_at=now)
    )
    return await read_words(connection, owed[0].notice_digest)


async def read_words(connection: BaseDBAsyncClient, digest: str) -> str:
    """The words of `digest`. Raises DomainError not_found."""
    kept = await NoticeWords.filter(digest=digest).using_db(connection).get_or_none()
    if kept is None:
        raise DomainError("not_found")
    return kept.words


def _word_age(teller: Teller, sources: Sources, clauses: Sequence[str], today: date) -> str:
    """That the rules have ended, or are of an earlier year; "" where they are of this one."""
    known = [sources.clauses[clause] for clause in clauses if clause in sources.clauses]
    if not known:
        return ""
    ends = [clause.valid_until or policy.valid_until for policy, clause in known]
    if all(end is not None and end < today for end in ends):
        last = max(end for end in ends if end is not None)
        return teller.content.texts["enrol.notice.ended"].format(until=format_date(last))
    year = max(policy.issued_on.year for policy, _ in known)
    return "" if today.year <= year else teller.content.texts["faq.dated_note"].format(year=year)


async def word_notice_of(teller: Teller, row: AnyClass, now: datetime) -> str:
    """The notice of a class, as it reads today."""
    today = now.astimezone(LOCAL).date()
    standards = [
        one for one in await list_standards(today, row.occupation) if one.level == row.level
    ]
    said = "".join(_word_standard(teller, one) for one in standards[:_MOST_STANDARDS])
    return word_notice(teller, title=row.title, programme=row.programme, today=today, standard=said)


def _word_standard(teller: Teller, standard: Standard) -> str:
    texts = teller.content.texts
    yuan, fen = divmod(standard.amount_fen, 100)
    # Whose document says that it is an example is not told so twice.
    is_marked = not standard.is_example or texts["enrol.notice.example_mark"] in standard.document
    return texts["enrol.notice.standard"].format(
        kind=standard.kind,
        occupation=standard.occupation,
        level=standard.level,
        amount=f"{yuan:,}" if not fen else f"{yuan:,}.{fen:02}",
        document=standard.document or texts["enrol.notice.no_number"],
        example="" if is_marked else texts["enrol.notice.example"],
    )
