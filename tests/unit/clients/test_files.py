"""Where files lie: a folder for real, and a bucket that is away."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from clients.files import Files
from settings import Bucket

CONTENT = bytes(range(256)) * 40


async def names_before(files: Files, moment: datetime) -> list[str]:
    return sorted([name async for name in files.list_before(moment)])


async def test_what_was_put_is_got_until_it_is_deleted(tmp_path: Path) -> None:
    files = Files(tmp_path / "files")
    await files.put("3f/one", CONTENT)
    assert await files.get("3f/one") == CONTENT
    # Another process finds it too.
    assert await Files(tmp_path / "files").get("3f/one") == CONTENT
    await files.delete("3f/one")
    with pytest.raises(FileNotFoundError):
        await files.get("3f/one")
    # Twice is once.
    await files.delete("3f/one")


async def test_nobody_else_on_the_machine_looks_into_the_folder(tmp_path: Path) -> None:
    await Files(tmp_path / "var" / "files").put("3f/one", CONTENT)
    assert (tmp_path / "var" / "files").stat().st_mode & 0o077 == 0


async def test_names_lead_out_of_the_folder_nowhere(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    with pytest.raises(ValueError):
        await Files(tmp_path / "files").get("../secret")


async def test_what_is_older_is_listed(tmp_path: Path) -> None:
    files = Files(tmp_path)
    for name in ("3f/one", "40/two"):
        await files.put(name, CONTENT)
    now = datetime.now(UTC)
    assert await names_before(files, now - timedelta(hours=1)) == []
    assert await names_before(files, now + timedelta(hours=1)) == ["3f/one", "40/two"]


async def test_a_bucket_that_is_away_is_an_error_that_tells_no_secret(unused_tcp_port: int) -> None:
    bucket = Bucket(
        *("files", "zpt", f"http://127.0.0.1:{unused_tcp_port}", "cn-1", "key", "hidden-word")
    )
    with pytest.raises(ConnectionError) as told:
        await Files(bucket).get("3f/one")
    assert "hidden-word" not in repr(told.value) + repr(bucket)
