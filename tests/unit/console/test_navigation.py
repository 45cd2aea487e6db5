"""What each role finds in the rail."""

from uuid import uuid4

import pytest

from api.console.navigation import MOST_PLACES, PLACES, place_of, places_for
from api.console.page import ROLE_NAMES
from domain.actor import STAFF_ROLES, Role, Staff

ALL = frozenset(place.path for place in PLACES)


@pytest.mark.parametrize("role", [role for role in Role if role in STAFF_ROLES])
def test_no_role_has_more_places_than_are_taken_in_at_a_glance(role: Role) -> None:
    places = places_for(Staff(uuid4(), role), ALL)
    assert 1 <= len(places) <= MOST_PLACES
    assert places[0].path == "/console/"


def test_every_role_has_a_name() -> None:
    assert set(ROLE_NAMES) == STAFF_ROLES


def test_what_is_not_served_is_not_shown() -> None:
    officer = Staff(uuid4(), Role.CITY_OFFICER)
    assert [place.title for place in places_for(officer, {"/console/", "/console/audit"})] == [
        "首页"
    ]


def test_a_page_belongs_to_the_nearest_place() -> None:
    found = {
        path: getattr(place_of(path, PLACES), "title", None)
        for path in ("/console/", "/console/people/1", "/console/peoples", "/console/help")
    }
    assert found == {
        "/console/": "首页",
        "/console/people/1": "人员",
        "/console/peoples": "首页",
        "/console/help": "首页",
    }


def test_everybody_is_told_what_they_themselves_do_with_classes() -> None:
    (place,) = (place for place in PLACES if place.title == "班期")
    told = {
        role: place.detail_for(Staff(uuid4(), role))
        for role in (Role.INSTITUTION, Role.COUNTY_OFFICER, Role.HOTLINE, Role.SUPERVISOR)
    }
    assert len(set(told.values())) == 4
    assert "替来电人报名" in told[Role.HOTLINE]
    for role, words in told.items():
        assert ("交备案" in words) is (role is Role.INSTITUTION), role
        assert ("审核" in words) is (role is Role.COUNTY_OFFICER), role
    assert place.detail_for(Staff(uuid4(), Role.INSPECTOR)) == "分给您看的班"
