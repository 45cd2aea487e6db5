import pytest

from web import limits
from web.limits import By, Limit, OwnWindows, limited, limits_of

LIMIT = Limit("trial", calls=2, seconds=10, by=By.ADDRESS)
OTHER = Limit("other", calls=1, seconds=10, by=By.ACTOR)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_window_moves_with_the_clock():
    clock = Clock()
    windows = OwnWindows(clock)
    assert windows.take(LIMIT, "a") == 0
    clock.now += 4
    assert windows.take(LIMIT, "a") == 0
    assert windows.take(LIMIT, "a") == pytest.approx(6)
    assert windows.take(LIMIT, "b") == 0
    clock.now += 6
    # The first call is out of the window, and what was refused has not counted.
    assert windows.take(LIMIT, "a") == 0
    assert windows.take(LIMIT, "a") == pytest.approx(4)


def test_two_limits_have_windows_of_their_own():
    windows = OwnWindows()
    assert windows.take(OTHER, "a") == 0
    assert windows.take(LIMIT, "a") == 0
    assert windows.take(OTHER, "a") > 0


def test_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(limits, "MOST_OWN_WINDOWS", 3)
    windows = OwnWindows()
    for who in "abacd":
        windows.take(LIMIT, who)
    assert len(windows) == 3
    # "b" was used least recently and begins anew; "a" is still full.
    assert windows.take(LIMIT, "a") > 0


def test_a_method_counts_before_its_class():
    @limited(LIMIT)
    class View:
        def get(self): ...

        @limited(OTHER, LIMIT)
        def post(self): ...

        @limited()
        def put(self): ...

    assert limits_of(View, "GET") == (LIMIT,)
    assert limits_of(View, "POST") == (OTHER, LIMIT)
    assert limits_of(View, "PUT") == ()
    assert limits_of(object(), "GET") == ()
