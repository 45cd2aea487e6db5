"""Everything the environment says, read once into one frozen object.

Nothing else in the service reads `os.environ`. A variable that is missing or malformed
stops the start with one line that names it (`SettingsError`).
"""

import base64
import binascii
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, Flag, auto
from pathlib import Path
from urllib.parse import urlsplit

REAL_WECHAT_API = "https://api.weixin.qq.com"
#: The stand-in's accounts begin so; a real AppID is "wx" and 16 hexadecimal digits.
SANDBOX_APP_ID_PREFIX = "wxsandbox"
#: A real credential in one of these keeps the sandbox from starting.
WECHAT_VARIABLES = (
    "WECHAT_MP_APP_ID",
    "WECHAT_MP_SECRET",
    "WECHAT_MP_TOKEN",
    "WECHAT_MP_AES_KEY",
    "WECHAT_MINI_APP_ID",
    "WECHAT_MINI_SECRET",
)

#: The public lines for social security and employment, and of the city.
_CONSULT_LINE = "12333"
_COMPLAINT_LINE = "12345"

IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network


class SettingsError(Exception):
    """One environment variable is missing or malformed; `str()` is the one line to print."""

    def __init__(self, variable: str, reason: str) -> None:
        super().__init__(f"{variable}：{reason}")
        self.variable = variable


class Need(Flag):
    """Which parts a command cannot do without; the others may be unset."""

    NOTHING = 0
    WECHAT = auto()
    DATA_KEYS = auto()
    ALL = WECHAT | DATA_KEYS


@dataclass(frozen=True, slots=True)
class Address:
    """Where a process listens."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class OfficialAccount:
    """The 公众号. `aes_key` is the 43-character EncodingAESKey, "" only in plain mode."""

    app_id: str
    secret: str = field(repr=False)
    token: str = field(repr=False)
    aes_key: str = field(repr=False)
    plain: bool


@dataclass(frozen=True, slots=True)
class MiniProgram:
    """The 小程序."""

    app_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where files lie, with whoever speaks S3. `prefix` is in front of every name, "" for none;
    `name_in_host`: the endpoint has the bucket's name in it, as some want."""

    name: str
    prefix: str
    endpoint: str
    region: str
    key_id: str = field(repr=False)
    secret: str = field(repr=False)
    name_in_host: bool = False


class KeyUse(Enum):
    """What a data key is for; the value is its mark in ZPT_DATA_KEYS."""

    ALL = ""
    #: Opens and finds. So a new key is made known everywhere before the first process writes with
    #: it, for whoever does not know it could not read that.
    READ = "read"
    #: Finds alone: what is left of an old key is its half for blind indexes, which opens nothing.
    INDEX = "index"


@dataclass(frozen=True, slots=True)
class DataKey:
    """One AES-256 key for personal data; `key_id` is written beside what it encrypts.

    Of KeyUse.INDEX, `key` is the HMAC key that domain.vault derives from it.
    """

    key_id: str
    key: bytes = field(repr=False)
    use: KeyUse = KeyUse.ALL


@dataclass(frozen=True, slots=True)
class Settings:
    host: str
    port: int
    #: None: the embedded server under `var` is used.
    database_url: str | None = field(repr=False)
    redis_url: str | None = field(repr=False)
    var: Path
    official_account: OfficialAccount | None
    mini_program: MiniProgram | None
    wechat_api_base: str
    sandbox: bool
    #: The first writes, all read (but those that are only looked up with).
    data_keys: tuple[DataKey, ...]
    public_url: str
    trusted_proxies: tuple[IPNetwork, ...]
    #: The lines that answers name: whom to ask, and where to complain (L12).
    consult_line: str = _CONSULT_LINE
    complaint_line: str = _COMPLAINT_LINE
    #: Both were stated: they hold for whatever content is asked, not for the service's own alone.
    lines_stated: bool = False
    #: The folder of what is said; None: the one that comes with the service.
    content: Path | None = None
    #: Where the worker tells how it goes; None: nowhere.
    worker_listen: Address | None = None
    #: Where files that people hand in lie; None: in a folder under `var`.
    bucket: Bucket | None = None

    @property
    def files(self) -> Path | Bucket:
        """Where files that people hand in lie."""
        return self.bucket or self.var / "files"


_WORKER_LISTEN = Address("127.0.0.1", 8081)


def read_settings(environment: Mapping[str, str], need: Need = Need.ALL) -> Settings:
    """The settings that `environment` states. Raises SettingsError for the first that is wrong."""
    host = environment.get("HOST") or "127.0.0.1"
    port = _port(environment.get("PORT") or "8080")
    sandbox = _switch(environment, "ZPT_SANDBOX")
    settings = Settings(
        host=host,
        port=port,
        database_url=_url(environment, "DATABASE_URL", ("postgres", "postgresql")),
        redis_url=_url(environment, "REDIS_URL", ("redis", "rediss", "unix")),
        var=Path(environment.get("ZPT_VAR") or "var").absolute(),
        official_account=_official_account(environment, required=Need.WECHAT in need),
        mini_program=_mini_program(environment),
        wechat_api_base=(
            _url(environment, "WECHAT_API_BASE", ("http", "https")) or REAL_WECHAT_API
        ).rstrip("/"),
        sandbox=sandbox,
        data_keys=_data_keys(environment, required=Need.DATA_KEYS in need),
        public_url=(
            _url(environment, "ZPT_PUBLIC_URL", ("http", "https")) or f"http://{host}:{port}"
        ).rstrip("/"),
        trusted_proxies=_networks(environment.get("ZPT_TRUSTED_PROXIES", "")),
        consult_line=_phone(environment, "ZPT_CONSULT_LINE", _CONSULT_LINE),
        complaint_line=_phone(environment, "ZPT_COMPLAINT_LINE", _COMPLAINT_LINE),
        lines_stated=bool(
            environment.get("ZPT_CONSULT_LINE") and environment.get("ZPT_COMPLAINT_LINE")
        ),
        content=_folder(environment, "ZPT_CONTENT"),
        worker_listen=_worker_listen(environment, port),
        bucket=_bucket(environment),
    )
    if sandbox:
        _refuse_real_credentials(settings)
    return settings


def _refuse_real_credentials(settings: Settings) -> None:
    """The sandbox hands out its secrets to anyone on this machine: never beside real ones."""
    if urlsplit(settings.wechat_api_base).hostname not in ("127.0.0.1", "::1", "localhost"):
        raise SettingsError("ZPT_SANDBOX", "沙箱只能连本机的模拟平台，WECHAT_API_BASE 不是本机地址")
    accounts = (
        ("WECHAT_MP_APP_ID", settings.official_account),
        ("WECHAT_MINI_APP_ID", settings.mini_program),
    )
    for variable, account in accounts:
        if account is not None and not account.app_id.startswith(SANDBOX_APP_ID_PREFIX):
            raise SettingsError(
                "ZPT_SANDBOX", f"沙箱不能和真实的微信账号一起用，请先去掉 {variable}"
            )


def _port(text: str) -> int:
    if not _is_port(text):
        raise SettingsError("PORT", f"要写 1 到 65535 之间的整数，现在是 {text!r}")
    return int(text)


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and 1 <= int(text) <= 65535


def _worker_listen(environment: Mapping[str, str], web_port: int) -> Address | None:
    """The worker must not take the port of the web processes, which start at the same time."""
    variable = "ZPT_WORKER_LISTEN"
    text = environment.get(variable)
    if text is None:
        return None if web_port == _WORKER_LISTEN.port else _WORKER_LISTEN
    if not text:
        return None
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not _is_port(port):
        raise SettingsError(variable, f"要写地址和端口，如 127.0.0.1:8081，现在是 {text!r}")
    if int(port) == web_port:
        raise SettingsError(variable, f"不能和 PORT 用同一个端口（{web_port}）")
    return Address(host, int(port))


def _switch(environment: Mapping[str, str], variable: str) -> bool:
    value = environment.get(variable, "")
    if value not in ("", "0", "1"):
        raise SettingsError(variable, f"只能写 0 或 1，现在是 {value!r}")
    return value == "1"


def _url(environment: Mapping[str, str], variable: str, schemes: tuple[str, ...]) -> str | None:
    value = environment.get(variable) or None
    if value is None:
        return None
    # The value may hold a password, so the message never repeats it.
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        raise SettingsError(variable, "不是完整的网址") from None
    if parts.scheme not in schemes or not (parts.netloc or parts.path or parts.query):
        raise SettingsError(variable, f"要以 {'、'.join(s + '://' for s in schemes)} 开头的网址")
    return value


def _bucket(environment: Mapping[str, str]) -> Bucket | None:
    """s3://name/prefix, with the endpoint and the key for it."""
    place = _url(environment, "ZPT_FILES", ("s3",))
    if place is None:
        return None
    parts = urlsplit(place)
    if not parts.netloc:
        raise SettingsError("ZPT_FILES", "要写 s3://桶的名字，后面可以再写 /前缀")
    for variable in ("ZPT_FILES_ENDPOINT", "ZPT_FILES_KEY_ID", "ZPT_FILES_SECRET"):
        if not environment.get(variable):
            raise SettingsError(variable, "没有设置，ZPT_FILES 需要它")
    endpoint = _url(environment, "ZPT_FILES_ENDPOINT", ("http", "https"))
    assert endpoint is not None
    return Bucket(
        parts.netloc,
        parts.path.strip("/"),
        endpoint.rstrip("/"),
        environment.get("ZPT_FILES_REGION") or "us-east-1",
        environment["ZPT_FILES_KEY_ID"],
        environment["ZPT_FILES_SECRET"],
        _switch(environment, "ZPT_FILES_NAME_IN_HOST"),
    )


def _phone(environment: Mapping[str, str], variable: str, default: str) -> str:
    number = environment.get(variable) or default
    if not re.fullmatch(r"[0-9][0-9 -]{1,22}[0-9]", number):
        raise SettingsError(variable, f"要写电话号码，如 12333 或 0635-1234567，现在是 {number!r}")
    return number


def _folder(environment: Mapping[str, str], variable: str) -> Path | None:
    text = environment.get(variable)
    if not text:
        return None
    folder = Path(text).absolute()
    if not folder.is_dir():
        raise SettingsError(variable, f"没有这个文件夹：{text}")
    return folder


def _official_account(environment: Mapping[str, str], *, required: bool) -> OfficialAccount | None:
    plain = _switch(environment, "WECHAT_MP_PLAIN")
    app_id = environment.get("WECHAT_MP_APP_ID", "")
    if not app_id and not required:
        return None
    needed = ["WECHAT_MP_APP_ID", "WECHAT_MP_SECRET", "WECHAT_MP_TOKEN"]
    if not plain:
        needed.append("WECHAT_MP_AES_KEY")
    for variable in needed:
        if not environment.get(variable):
            raise SettingsError(variable, "没有设置，公众号需要它")
    aes_key = environment.get("WECHAT_MP_AES_KEY", "")
    if aes_key and not re.fullmatch(r"[A-Za-z0-9]{43}", aes_key):
        raise SettingsError("WECHAT_MP_AES_KEY", "要 43 位字母和数字（后台的 EncodingAESKey）")
    return OfficialAccount(
        app_id=app_id,
        secret=environment["WECHAT_MP_SECRET"],
        token=environment["WECHAT_MP_TOKEN"],
        aes_key=aes_key,
        plain=plain,
    )


def _mini_program(environment: Mapping[str, str]) -> MiniProgram | None:
    app_id = environment.get("WECHAT_MINI_APP_ID", "")
    secret = environment.get("WECHAT_MINI_SECRET", "")
    if bool(app_id) != bool(secret):
        missing = "WECHAT_MINI_SECRET" if app_id else "WECHAT_MINI_APP_ID"
        raise SettingsError(missing, "没有设置，小程序的 AppID 和 Secret 要一起给")
    return MiniProgram(app_id, secret) if app_id else None


def _data_keys(environment: Mapping[str, str], *, required: bool) -> tuple[DataKey, ...]:
    text = environment.get("ZPT_DATA_KEYS", "")
    if not text:
        if required:
            raise SettingsError("ZPT_DATA_KEYS", "没有设置，个人信息要用它加密")
        return ()
    keys: list[DataKey] = []
    for number, item in enumerate(text.split(","), 1):
        key_id, _, rest = item.strip().partition(":")
        mark, _, encoded = rest.rpartition(":")
        try:
            use, key = KeyUse(mark), base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            use, key = KeyUse.ALL, b""
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,16}", key_id) or len(key) != 32:
            raise SettingsError("ZPT_DATA_KEYS", f"第 {number} 个不是“编号:base64 的 32 字节密钥”")
        if key_id in {known.key_id for known in keys}:
            raise SettingsError("ZPT_DATA_KEYS", f"编号 {key_id} 写了两次")
        keys.append(DataKey(key_id, key, use))
    if keys[0].use is not KeyUse.ALL:
        raise SettingsError(
            "ZPT_DATA_KEYS", f"第一个要用来加密，编号后面不能写 {keys[0].use.value}"
        )
    return tuple(keys)


def _networks(text: str) -> tuple[IPNetwork, ...]:
    networks: list[IPNetwork] = []
    for item in filter(None, (part.strip() for part in text.split(","))):
        try:
            networks.append(ipaddress.ip_network(item, strict=False))
        except ValueError:
            raise SettingsError("ZPT_TRUSTED_PROXIES", f"{item!r} 不是 IP 地址或网段") from None
    return tuple(networks)
