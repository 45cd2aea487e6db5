"""Sealed values open in their own place, under their own key, unchanged, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.vault import INDEX_BYTES, SealBroken, Vault, derive_index_key
from settings import DataKey, KeyUse

OLD, NEW = DataKey("k1", bytes(range(32))), DataKey("k2", bytes(range(32, 64)))
PLACE = b"some_table.some_column"
ROW = b"r" * 16


@given(st.binary(max_size=300))
def test_round_trip(plain: bytes) -> None:
    sealed = Vault([OLD]).seal(plain, PLACE, ROW)
    assert Vault([OLD]).open(sealed, PLACE, ROW) == plain
    assert len(sealed) == len(plain) + 30 + len("k1")
    if len(plain) > 3:
        assert plain not in sealed


def test_the_same_value_is_sealed_differently_each_time() -> None:
    vault = Vault([OLD])
    assert vault.seal(b"x", PLACE, ROW) != vault.seal(b"x", PLACE, ROW)


def test_another_place_does_not_open_it() -> None:
    sealed = Vault([OLD]).seal(b"x", PLACE, ROW)
    with pytest.raises(SealBroken):
        Vault([OLD]).open(sealed, b"some_table.other_column", ROW)


@pytest.mark.parametrize(
    ("place", "row"),
    [(PLACE, b"s" * 16), (PLACE, b""), (PLACE + ROW[:1], ROW[1:]), (PLACE + ROW, b"")],
)
def test_another_row_does_not_open_it(place: bytes, row: bytes) -> None:
    """Also where place and row, written one after the other, are the same bytes."""
    sealed = Vault([OLD]).seal(b"x", PLACE, ROW)
    with pytest.raises(SealBroken):
        Vault([OLD]).open(sealed, place, row)


def test_any_changed_or_missing_byte() -> None:
    sealed = Vault([OLD]).seal(b"secret", PLACE, ROW)
    for index in range(len(sealed)):
        changed = bytearray(sealed)
        changed[index] ^= 1
        with pytest.raises(SealBroken):
            Vault([OLD]).open(bytes(changed), PLACE, ROW)
        with pytest.raises(SealBroken):
            Vault([OLD]).open(sealed[:index], PLACE, ROW)


def test_a_new_key_writes_and_the_old_one_still_reads() -> None:
    before, after = Vault([OLD]), Vault([NEW, OLD])
    assert after.open(before.seal(b"x", PLACE, ROW), PLACE, ROW) == b"x"
    with pytest.raises(SealBroken, match="key"):
        before.open(after.seal(b"x", PLACE, ROW), PLACE, ROW)
    assert after.index("o1", "person") == before.index("o1", "person")


def test_two_keys_of_one_name_are_told_apart() -> None:
    sealed = Vault([OLD]).seal(b"x", PLACE, ROW)
    with pytest.raises(SealBroken):
        Vault([DataKey("k1", NEW.key)]).open(sealed, PLACE, ROW)


def test_blind_indexes() -> None:
    vault = Vault([OLD])
    index = vault.index("o1", "person")
    assert len(index) == INDEX_BYTES
    assert index == vault.index("o1", "person")
    assert index != vault.index("o2", "person")
    assert index != vault.index("o1", "message")
    assert index != Vault([NEW]).index("o1", "person")
    assert vault.index("\ud800", "person")


def test_a_key_that_is_only_known_reads_and_neither_writes_nor_names_anybody() -> None:
    """So a new key is made known everywhere before the first process writes with it."""
    known = Vault([OLD, DataKey("k2", NEW.key, KeyUse.READ)])
    assert known.open(Vault([NEW, OLD]).seal(b"x", PLACE, ROW), PLACE, ROW) == b"x"
    assert known.seal(b"x", PLACE, ROW).startswith(Vault([OLD]).header)
    assert known.index("o1", "person") == Vault([OLD]).index("o1", "person")
    assert known.index_key_ids == ("k1", "k2")


def test_the_half_for_indexes_finds_and_opens_nothing() -> None:
    half = DataKey("k1", derive_index_key(OLD), KeyUse.INDEX)
    after = Vault([NEW, half])
    assert half.key != OLD.key
    assert after.index("o1", "person") == Vault([OLD]).index("o1", "person")
    assert after.index_with("k1", "o1", "x") == Vault([OLD]).index_with("k1", "o1", "x")
    assert not after.can_open("k1")
    with pytest.raises(SealBroken, match="not here"):
        after.open(Vault([OLD]).seal(b"x", PLACE, ROW), PLACE, ROW)
    # Nor does it lead to a cipher by being named as a whole key.
    with pytest.raises(SealBroken):
        Vault([DataKey("k1", half.key)]).open(Vault([OLD]).seal(b"x", PLACE, ROW), PLACE, ROW)


@pytest.mark.parametrize("use", [KeyUse.READ, KeyUse.INDEX])
def test_the_first_key_writes(use: KeyUse) -> None:
    with pytest.raises(ValueError, match="first key"):
        Vault([DataKey("k1", OLD.key, use), NEW])


def test_no_key_no_vault() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Vault([])
