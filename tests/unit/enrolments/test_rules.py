"""Who may be in which class, and who moves whom: every rule by a table."""

from datetime import date, datetime
from uuid import uuid4

import pytest

from domain.calendar import LOCAL
from domain.enrolments.rules import (
    AMENDABLE,
    FROZEN,
    LOOSE,
    MOVES,
    Other,
    Side,
    Status,
    Times,
    check_allowed,
    check_amendable,
    check_move,
    check_overlap,
    check_places,
    check_recruiting,
    check_reservation,
    check_return,
    check_standing,
    check_told,
    count_trainings,
    find_overlap,
    first_status,
    year_of,
)
from domain.errors import DomainError
from models.training import STATUSES


def refusal(call: object) -> str | None:
    try:
        call()  # type: ignore[operator]
    except DomainError as error:
        return error.code
    return None


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


def sitting(text: str) -> tuple[datetime, datetime]:
    """ "12-01 09:00 11:00"."""
    day, start, end = text.split()
    return at(f"2026-{day} {start}"), at(f"2026-{day} {end}")


def days(first: str, last: str | None = None) -> Times:
    return Times(date.fromisoformat(first), date.fromisoformat(last) if last else None)


def sittings(*texts: str) -> Times:
    return Times(None, None, [sitting(text) for text in texts])


def other(
    times: Times,
    *,
    status: Status = Status.CONFIRMED,
    class_status: str = "approved",
    counts: bool = True,
) -> Other:
    return Other(uuid4(), "电工班", status, class_status, counts, times)


@pytest.mark.parametrize(
    ("class_status", "code"),
    [
        ("draft", "class_not_recruiting"),
        ("recruiting", None),
        ("filed", "roster_frozen"),
        ("approved", "roster_frozen"),
        ("returned", "class_not_recruiting"),
        ("open", "roster_frozen"),
        ("ended", "class_not_recruiting"),
        ("archived", "class_not_recruiting"),
        ("cancelled", "class_not_recruiting"),
    ],
)
def test_people_come_in_while_a_class_recruits(class_status: str, code: str | None) -> None:
    assert refusal(lambda: check_recruiting(class_status, "班")) == code
    by_holder = refusal(lambda: check_recruiting(class_status, "班", side=Side.HOLDER))
    assert by_holder == (None if class_status == "returned" else code)
    amend = None if class_status in ("filed", "approved", "open") else "roster_not_amendable"
    assert refusal(lambda: check_amendable(class_status, "班")) == amend


@pytest.mark.parametrize("class_status", ["ended", "archived", "cancelled"])
@pytest.mark.parametrize("side", Side)
def test_nobody_is_sent_to_the_holder_of_a_class_that_is_over(
    class_status: str, side: Side
) -> None:
    """It could not amend the roster either."""
    with pytest.raises(DomainError) as caught:
        check_recruiting(class_status, "班", side=side)
    assert (caught.value.code, caught.value.facts["about"]) == ("class_not_recruiting", "over")


def test_the_states_of_classes_are_those_there_are() -> None:
    assert set(STATUSES) >= (FROZEN | LOOSE | AMENDABLE)


@pytest.mark.parametrize(
    ("standing", "code"),
    [
        ("listed", None),
        (None, None),
        ("suspended", "enrolment_stopped"),
        ("removed", "enrolment_stopped"),
        ("unlisted", "enrolment_stopped"),
    ],
)
def test_only_listed_institutions_teach(standing: str | None, code: str | None) -> None:
    assert refusal(lambda: check_standing(standing)) == code


@pytest.mark.parametrize(
    ("capacity", "taken", "wanted", "left"),
    [(2, 1, 1, None), (2, 2, 1, 0), (2, 0, 3, 2), (1, 5, 1, 0)],
)
def test_a_full_class_says_how_many_it_takes(
    capacity: int, taken: int, wanted: int, left: int | None
) -> None:
    if left is None:
        check_places(capacity, taken, wanted)
        return
    with pytest.raises(DomainError) as refused:
        check_places(capacity, taken, wanted)
    assert refused.value.code == "class_full"
    assert refused.value.facts == {"capacity": capacity, "left": left}


@pytest.mark.parametrize(
    ("one", "two", "meet"),
    [
        (days("2026-12-01", "2026-12-10"), days("2026-12-10", "2026-12-20"), True),
        (days("2026-12-01", "2026-12-10"), days("2026-12-11"), False),
        (days("2026-12-05"), days("2026-12-01", "2026-12-10"), True),
        # The same days, one in the morning and one in the evening.
        (sittings("12-01 09:00 11:00"), sittings("12-01 18:00 20:00"), False),
        (sittings("12-01 09:00 11:00"), sittings("12-01 11:00 12:00"), False),
        (sittings("12-01 09:00 11:01"), sittings("12-01 11:00 12:00"), True),
        (
            sittings("12-01 09:00 11:00", "12-03 09:00 11:00"),
            sittings("12-02 09:00 11:00", "12-03 10:00 12:00"),
            True,
        ),
        # Of one of them nobody knows the hours yet: the days decide.
        (sittings("12-01 09:00 11:00", "12-05 09:00 11:00"), days("2026-12-03"), True),
        (sittings("12-01 09:00 11:00"), days("2026-12-02"), False),
        (Times(None, None), days("2026-12-02"), False),
    ],
)
def test_what_overlaps(one: Times, two: Times, meet: bool) -> None:
    assert (find_overlap(one, [other(two)]) is not None) is meet
    assert (find_overlap(two, [other(one)]) is not None) is meet


@pytest.mark.parametrize(
    ("status", "class_status", "takes"),
    [
        (Status.APPLIED, "recruiting", True),
        (Status.CONFIRMED, "open", True),
        (Status.CONFIRMED, "returned", True),
        (Status.WITHDRAWN, "recruiting", False),
        (Status.COMPLETED, "ended", False),
        (Status.CONFIRMED, "ended", False),
        (Status.CONFIRMED, "cancelled", False),
    ],
)
def test_what_is_over_takes_no_time(status: Status, class_status: str, takes: bool) -> None:
    times = days("2026-12-01")
    found = find_overlap(times, [other(times, status=status, class_status=class_status)])
    assert (found is not None) is takes


def test_an_overlap_names_the_other_class() -> None:
    first = other(days("2026-12-02"))
    with pytest.raises(DomainError) as refused:
        check_overlap(days("2026-12-01", "2026-12-05"), [first, other(days("2026-12-03"))])
    assert refused.value.code == "enrolment_overlaps"
    assert refused.value.facts == {"title": "电工班", "class_id": first.class_id}


THIS_YEAR = days("2026-03-01", "2026-03-20")


@pytest.mark.parametrize(
    ("others", "count"),
    [
        ([other(THIS_YEAR)] * 3, 3),
        ([other(THIS_YEAR, counts=False)] * 3, 0),
        ([other(THIS_YEAR, class_status="cancelled")], 0),
        ([other(THIS_YEAR, status=Status.WITHDRAWN)], 0),
        ([other(THIS_YEAR, status=Status.COMPLETED, class_status="archived")], 1),
        ([other(days("2025-12-20", "2026-01-10"))], 0),
        ([other(Times(None, None))], 0),
    ],
)
def test_which_trainings_count(others: list[Other], count: int) -> None:
    assert count_trainings(2026, others) == count


def test_a_fourth_training_is_told_before() -> None:
    three = [other(THIS_YEAR)] * 3
    with pytest.raises(DomainError) as refused:
        check_told(2026, three, counts=True, told=False)
    assert refused.value.code == "trainings_used_up"
    assert refused.value.facts == {"year": 2026, "had": 3, "most": 3, "clause": "P33-1.1"}
    assert check_told(2026, three, counts=True, told=True)
    assert not check_told(2026, three, counts=False, told=False), "以工代训 does not count"
    assert not check_told(2026, three[:2], counts=True, told=False)
    assert not check_told(2027, three, counts=True, told=False), "another year begins anew"


def test_the_year_of_a_class_is_that_of_its_first_day() -> None:
    today = date(2026, 11, 30)
    assert year_of(days("2027-01-04", "2027-02-01"), today) == 2027
    assert year_of(sittings("12-30 09:00 10:00"), today) == 2026
    assert year_of(Times(None, None), today) == 2026


#: Before, after, who may, in which classes (o: self operator sponsor holder system).
TABLE = """
    applied   confirmed  ---hs recruiting,returned
    applied   withdrawn  sophs recruiting,returned
    confirmed withdrawn  sophs recruiting,returned
    withdrawn applied    sophs recruiting
    withdrawn confirmed  ---hs recruiting,returned
    confirmed completed  ---hs ended
"""


def test_every_move_there_is() -> None:
    table = {}
    for line in TABLE.strip().splitlines():
        before, after, sides, classes = line.split()
        who = {side for side, letter in zip(Side, sides, strict=True) if letter != "-"}
        table[Status(before), Status(after)] = (who, set(classes.split(",")))
    assert {key: (set(move.sides), set(move.while_class)) for key, move in MOVES.items()} == table
    for before in Status:
        for after in Status:
            for side in Side:
                for class_status in STATUSES:
                    may, classes_of = table.get((before, after), (set(), set()))
                    code = refusal(
                        lambda b=before, a=after, s=side, c=class_status: check_move(
                            b, a, side=s, class_status=c, title="班"
                        )
                    )
                    assert (code is None) is (side in may and class_status in classes_of)


def test_who_is_on_a_filed_roster_is_told_that_it_is_frozen() -> None:
    def withdraw(class_status: str) -> str | None:
        return refusal(
            lambda: check_move(
                Status.CONFIRMED,
                Status.WITHDRAWN,
                side=Side.SELF,
                class_status=class_status,
                title="班",
            )
        )

    assert withdraw("filed") == withdraw("open") == "roster_frozen"
    assert withdraw("cancelled") == "enrolment_stands"


@pytest.mark.parametrize("status", ["ended", "archived"])
def test_who_would_leave_a_class_that_is_over_is_sent_to_nobody(status: str) -> None:
    with pytest.raises(DomainError) as refused:
        check_move(
            Status.CONFIRMED, Status.WITHDRAWN, side=Side.SELF, class_status=status, title="班"
        )
    assert (refused.value.code, refused.value.facts["about"]) == ("roster_frozen", "over")


def test_who_holds_the_class_has_taken_whom_they_enrol() -> None:
    assert {side: first_status(side).value for side in Side} == {
        Side.SELF: "applied",
        Side.OPERATOR: "applied",
        Side.SPONSOR: "applied",
        Side.HOLDER: "confirmed",
        Side.SYSTEM: "confirmed",
    }


def test_an_amendment_says_who_and_why() -> None:
    assert check_allowed(" 李  科长 ", "转岗\n离开") == ("李 科长", "转岗 离开")
    assert refusal(lambda: check_allowed(" ", "因病")) == "amendment_unfounded"
    assert refusal(lambda: check_allowed("李科长", " ")) == "amendment_unfounded"


def test_who_left_comes_back_by_themselves() -> None:
    for side, code in [
        (Side.SELF, None),
        (Side.OPERATOR, None),
        (Side.SPONSOR, "left_by_themselves"),
        (Side.HOLDER, "left_by_themselves"),
        (Side.SYSTEM, "left_by_themselves"),
    ]:
        assert refusal(lambda s=side: check_return(left_by_themselves=True, side=s)) == code
        check_return(left_by_themselves=False, side=side)


def test_a_firm_keeps_the_places_of_those_it_has_named() -> None:
    assert refusal(lambda: check_reservation(2, 3)) == "places_named"
    check_reservation(3, 3)
