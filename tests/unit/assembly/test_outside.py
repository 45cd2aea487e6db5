"""What a process cannot do without is told when it is put together, by its variable's name."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app import create_app
from assembly.outside import PartMissing
from assembly.worker import run_worker
from domain.faq.routing import Router
from tests.support import make_settings

MISSING = [
    ("database_url", "DATABASE_URL"),
    ("redis_url", "REDIS_URL"),
    ("official_account", "WECHAT_MP_APP_ID"),
]


@pytest.mark.parametrize(("part", "variable"), MISSING)
async def test_no_process_is_made_by_half(
    part: str, variable: str, tmp_path: Path, package_router: Router
) -> None:
    nothing: dict[str, Any] = {part: None}
    settings = replace(
        make_settings("postgres://localhost/none", "redis://127.0.0.1:9", tmp_path), **nothing
    )
    with pytest.raises(PartMissing, match=variable):
        create_app(settings, router=package_router)
    with pytest.raises(PartMissing, match=variable):
        await run_worker(settings)
