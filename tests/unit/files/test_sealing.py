"""What is in a file is sealed for that file."""

from uuid import UUID

import pytest

from domain.files.keeping import id_in, name_of
from domain.files.sealing import make_key, open_content, seal_content
from domain.vault import SealBroken

ONE, OTHER = UUID(int=1), UUID(int=2)


def test_it_opens_as_that_file_with_its_key_alone() -> None:
    key = make_key()
    sealed = seal_content(key, ONE, b"a sheet")
    assert open_content(key, ONE, sealed) == b"a sheet"
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for wrong_key, file_id, content in (
        (key, OTHER, sealed),
        (make_key(), ONE, sealed),
        (key, ONE, changed),
        (key, ONE, b""),
        (key, ONE, b"\x02" + sealed[1:]),
        (key, ONE, sealed[:20]),
    ):
        with pytest.raises(SealBroken):
            open_content(wrong_key, file_id, content)


def test_names_lead_back_to_files_of_ours_alone() -> None:
    assert id_in(name_of(ONE)) == ONE
    for name in ("readme.txt", f"ff/{ONE}", f"x/{name_of(ONE)}", str(ONE), ""):
        assert id_in(name) is None
