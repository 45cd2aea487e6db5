"""The whole service with the WeChat sandbox, in the foreground: `zpt demo`, `make run`."""

import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from demo.accounts import AccountsDamaged, SandboxAccounts, load_accounts
from demo.names import DEMO_FILE
from scripts.embedded.processes import end_leftovers, find_by_environment
from scripts.embedded.progress import Progress
from scripts.embedded.services import EmbeddedServices
from scripts.listening import require_free_address
from scripts.supervisor.children import ChildSpec
from scripts.supervisor.demo_menu import put_menu
from scripts.supervisor.supervisor import Supervisor, SupervisorError, supervise
from settings import WECHAT_VARIABLES, Settings

ROOT = Path(__file__).resolve().parents[2]
#: Set for every child: what a killed supervisor left behind is known by it.
MARK = "ZPT_SUPERVISED_VAR"
LEFTOVER_PATIENCE_SECONDS = 5.0
#: With what PostgreSQL and Redis get these make nine seconds.
WEB_STOP_SECONDS = 6.0
SANDBOX_STOP_SECONDS = 1.0


def refuse_real_credentials(environment: Mapping[str, str]) -> None:
    """Raises SupervisorError where the environment holds a WeChat account: the demo shows its
    secrets to everyone on this machine."""
    for variable in WECHAT_VARIABLES:
        if environment.get(variable):
            raise SupervisorError(
                f"环境里设置了 {variable}。演示不能和真实的微信账号一起用，"
                "请先去掉它；正式运行请用 zpt serve 和 zpt worker。",
                exit_code=2,
            )


async def run_demo(settings: Settings, environment: Mapping[str, str], progress: Progress) -> int:
    """Start everything, print the URLs, run until asked to stop. Returns the exit code."""

    async def start(supervisor: Supervisor) -> None:
        await start_demo(supervisor, settings, environment, progress)

    return await supervise(start, progress)


async def start_demo(
    supervisor: Supervisor,
    settings: Settings,
    environment: Mapping[str, str],
    progress: Progress,
) -> None:
    """Start the parts in order and print where they are. Raises SupervisorError,
    EmbeddedError, SettingsError."""
    refuse_real_credentials(environment)
    services = EmbeddedServices(
        settings.var,
        progress,
        postgres=settings.database_url is None,
        redis=settings.redis_url is None,
    )
    supervisor.claim(services)
    await end_leftover_children(settings.var, progress)
    require_free_address(settings.host, settings.port)
    try:
        accounts = load_accounts(settings.var)
    except AccountsDamaged as error:
        raise SupervisorError(str(error), exit_code=2) from None
    progress("启动 PostgreSQL 和 Redis…")
    await supervisor.start_services()
    # It stays open here, so that a restarted sandbox is found at the same port.
    listener = supervisor.hold(socket.create_server(("127.0.0.1", 0)))
    sandbox_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    child_environment = build_environment(
        settings,
        environment,
        accounts,
        sandbox_url=sandbox_url,
        database_url=settings.database_url or services.database_url,
        redis_url=settings.redis_url or services.redis_url,
    )
    progress("更新数据库结构，放好演示数据…")
    await supervisor.run_to_end(
        _part("prepare", ("demo", "prepare"), settings.var, child_environment)
    )
    # Where something is kept the web process tells by itself whether it still fits.
    if not any((settings.var / "models").glob("*.npz")):
        progress("第一次启动要学一遍问法，一分钟以内…")
        await supervisor.run_to_end(
            _part("learn", ("content", "learn"), settings.var, child_environment)
        )
    base_url = local_url(settings.host, settings.port)
    progress("启动微信沙箱、网站和后台任务…")
    await supervisor.start(
        build_children(settings.var, child_environment, listener.fileno(), sandbox_url, base_url)
    )
    await supervisor.wait_ready()
    await put_menu(child_environment, progress)
    progress("全部就绪。")
    progress(f"打开这个网址就能聊：{base_url}/sandbox/")
    progress(f"  服务      {base_url}/")
    progress(f"  是否就绪  {base_url}/readyz")
    progress(f"  演示资料  {settings.var / DEMO_FILE}")
    progress('  问一句    .venv/bin/zpt demo say "以工代训补贴多少钱"')
    progress("按 Ctrl-C 停下。")


def build_children(
    var: Path, environment: Mapping[str, str], sandbox_fd: int, sandbox_url: str, base_url: str
) -> list[ChildSpec]:
    """The parts in the order in which they start."""
    return [
        _part(
            "sandbox",
            ("sandbox", "--fd", str(sandbox_fd), "--service", base_url),
            var,
            environment,
            ready_url=f"{sandbox_url}/sandbox/healthz",
            stop_stage=1,
            stop_patience=SANDBOX_STOP_SECONDS,
            pass_fds=(sandbox_fd,),
        ),
        _part(
            "web",
            ("serve",),
            var,
            environment,
            ready_url=f"{base_url}/readyz",
            stop_patience=WEB_STOP_SECONDS,
        ),
        _part("worker", ("worker",), var, environment, stop_patience=WEB_STOP_SECONDS),
    ]


def build_environment(
    settings: Settings,
    environment: Mapping[str, str],
    accounts: SandboxAccounts,
    *,
    sandbox_url: str,
    database_url: str,
    redis_url: str,
) -> dict[str, str]:
    """The children's environment: the operator's, with the sandbox's accounts in it."""
    chosen = {
        **accounts.as_environment(),
        "ZPT_SANDBOX": "1",
        "WECHAT_API_BASE": sandbox_url,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "ZPT_VAR": str(settings.var),
        "HOST": settings.host,
        "PORT": str(settings.port),
        "PYTHONUNBUFFERED": "1",
        MARK: str(settings.var),
    }
    if environment.get("ZPT_DATA_KEYS"):
        del chosen["ZPT_DATA_KEYS"]
    inherited = {key: value for key, value in environment.items() if key != "WECHAT_MP_PLAIN"}
    return {**inherited, **chosen}


def local_url(host: str, port: int) -> str:
    """Where this machine reaches what listens on `host`:`port`."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared only
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"


async def end_leftover_children(var: Path, progress: Progress) -> None:
    """Stop children that outlived a killed supervisor of this `var`; we hold its lock."""

    def find() -> list[int]:
        return find_by_environment(MARK, str(var))

    if find():
        progress("上次的进程还没退干净，先让它们停下…")
        await end_leftovers(find, signal.SIGTERM, patience=LEFTOVER_PATIENCE_SECONDS)


def _part(
    name: str,
    command: tuple[str, ...],
    var: Path,
    environment: Mapping[str, str],
    *,
    ready_url: str | None = None,
    stop_stage: int = 0,
    stop_patience: float = WEB_STOP_SECONDS,
    pass_fds: tuple[int, ...] = (),
) -> ChildSpec:
    return ChildSpec(
        name=name,
        argv=(sys.executable, "-m", "scripts", *command),
        environment=environment,
        log=var / "log" / f"{name}.log",
        ready_url=ready_url,
        stop_stage=stop_stage,
        stop_patience=stop_patience,
        pass_fds=pass_fds,
        folder=ROOT,
    )
