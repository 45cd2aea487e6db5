"""What may follow what in the life of a class, cell by cell, and by whom."""

import pytest

from domain.errors import DomainError
from domain.training.life import (
    EDITABLE,
    FROZEN,
    HELD,
    Side,
    Status,
    Step,
    require_changeable,
    steps_from,
    take_step,
)

#: What each side reaches by each step, said again in sentences' order: (before, step, after, who).
MOVES = {
    ("draft", "recruit", "recruiting", "holder"),
    ("draft", "cancel", "cancelled", "holder"),
    ("recruiting", "file", "filed", "holder"),
    ("recruiting", "cancel", "cancelled", "holder"),
    ("recruiting", "cancel", "cancelled", "officer"),
    ("filed", "approve", "approved", "officer"),
    ("filed", "return", "returned", "officer"),
    ("filed", "cancel", "cancelled", "holder"),
    ("returned", "file", "filed", "holder"),
    ("returned", "cancel", "cancelled", "holder"),
    ("returned", "cancel", "cancelled", "officer"),
    ("approved", "open", "open", "holder"),
    ("approved", "cancel", "cancelled", "holder"),
    ("approved", "cancel", "cancelled", "officer"),
    ("open", "end", "ended", "holder"),
    ("open", "cancel", "cancelled", "officer"),
    ("ended", "archive", "archived", "officer"),
}
AFTER = {(before, step, who): after for before, step, after, who in MOVES}
HOLDER, OFFICER = frozenset({Side.HOLDER}), frozenset({Side.OFFICER})


def refusal(status: Status, step: Step, sides: frozenset[Side], reason: str = "说明") -> str:
    with pytest.raises(DomainError) as caught:
        take_step(status, step, sides, reason)
    return caught.value.code


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("status", Status)
def test_each_cell(status: Status, step: Step, side: Side) -> None:
    sides = frozenset({side})
    after = AFTER.get((status, step, side.value))
    assert (step in steps_from(status, sides)) is (after is not None)
    if after is not None:
        assert take_step(status, step, sides, "说明") == after
        return
    others = any(key[:2] == (status, step) for key in AFTER)
    expected = "no_permission" if others else "class_step_refused"
    assert refusal(status, step, sides) == expected


def test_nothing_leads_to_teaching_but_an_approval_of_what_was_filed() -> None:
    """先报名、后培训，先备案、后开班 (L11)."""
    before = {after: {b for b, _, a, _ in MOVES if a == after} for _, _, after, _ in MOVES}
    assert before["open"] == {"approved"}
    assert before["approved"] == {"filed"}
    assert before["filed"] == {"recruiting", "returned"}


@pytest.mark.parametrize("step", [Step.RETURN, Step.CANCEL])
def test_what_takes_something_away_needs_a_reason(step: Step) -> None:
    both = HOLDER | OFFICER
    status = Status.FILED
    assert refusal(status, step, both, " ") == "class_reason_needed"
    assert take_step(status, step, both, "名单不对")


def test_a_step_to_nowhere_names_where_it_stands() -> None:
    with pytest.raises(DomainError) as caught:
        take_step(Status.ARCHIVED, Step.OPEN, HOLDER)
    assert caught.value.facts == {"step": "open", "status": "archived"}


#: What may still be changed: status -> (teacher, address, occupation).
CHANGES = {
    Status.DRAFT: (True, True, True),
    Status.RECRUITING: (True, True, False),
    Status.FILED: (False, False, False),
    Status.APPROVED: (True, False, False),
    Status.RETURNED: (True, True, True),
    Status.OPEN: (True, False, False),
    Status.ENDED: (False, False, False),
    Status.ARCHIVED: (False, False, False),
    Status.CANCELLED: (False, False, False),
}


@pytest.mark.parametrize("status", Status)
def test_what_may_still_change(status: Status) -> None:
    for name, possible in zip(("teacher", "address", "occupation"), CHANGES[status], strict=True):
        if possible:
            require_changeable(status, frozenset({name}))
            continue
        with pytest.raises(DomainError) as caught:
            require_changeable(status, frozenset({name}))
        assert (caught.value.code, caught.value.facts["fields"]) == ("class_unchangeable", [name])


@pytest.mark.parametrize("name", ["programme", "occupation", "level", "county"])
def test_a_returned_class_stays_what_people_were_told_of(name: str) -> None:
    """And the office that gave it back goes on seeing it, whether anybody is in it or not."""
    with pytest.raises(DomainError) as caught:
        require_changeable(Status.RETURNED, frozenset({name, "teacher"}), people=1)
    assert caught.value.facts == {"status": "returned", "fields": [name]}
    if name != "county":
        require_changeable(Status.RETURNED, frozenset({name}), people=0)
        return
    with pytest.raises(DomainError):
        require_changeable(Status.RETURNED, frozenset({name}), people=0)


def test_what_may_be_edited_has_no_frozen_roster() -> None:
    assert not EDITABLE & FROZEN
    assert HELD <= FROZEN
