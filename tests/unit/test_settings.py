"""A wrong variable stops the start with one line that names it and repeats no secret."""

import base64
from pathlib import Path

import pytest

from settings import Address, Bucket, KeyUse, Need, SettingsError, read_settings

KEY = base64.b64encode(bytes(32)).decode()
GOOD = {
    "WECHAT_MP_APP_ID": "wx0123456789abcdef",
    "WECHAT_MP_SECRET": "s",
    "WECHAT_MP_TOKEN": "t",
    "WECHAT_MP_AES_KEY": "a" * 43,
    "ZPT_DATA_KEYS": f"k2:{KEY},k1:{KEY}",
}
SANDBOX = {
    **GOOD,
    "ZPT_SANDBOX": "1",
    "WECHAT_MP_APP_ID": "wxsandbox01",
    "WECHAT_API_BASE": "http://127.0.0.1:8090",
}


def test_defaults_are_those_of_the_interface() -> None:
    settings = read_settings(GOOD)
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert settings.database_url is None
    assert settings.redis_url is None
    assert settings.var.name == "var"
    assert settings.wechat_api_base == "https://api.weixin.qq.com"
    assert settings.public_url == "http://127.0.0.1:8080"
    assert [key.key_id for key in settings.data_keys] == ["k2", "k1"]
    assert settings.official_account is not None
    assert not settings.official_account.plain


def test_what_a_key_is_for() -> None:
    keys = read_settings(
        {**GOOD, "ZPT_DATA_KEYS": f"k2:{KEY}, k3:read:{KEY},k1:index:{KEY}"}
    ).data_keys
    assert [(key.key_id, key.use) for key in keys] == [
        ("k2", KeyUse.ALL),
        ("k3", KeyUse.READ),
        ("k1", KeyUse.INDEX),
    ]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "0"),
        ("PORT", "70000"),
        ("DATABASE_URL", "mysql://u:hunter2@localhost/x"),
        ("DATABASE_URL", "postgres://localhost:port/x"),
        ("REDIS_URL", "http://localhost"),
        ("WECHAT_MP_APP_ID", ""),
        ("WECHAT_MP_SECRET", ""),
        ("WECHAT_MP_TOKEN", ""),
        ("WECHAT_MP_AES_KEY", ""),
        ("WECHAT_MP_AES_KEY", "too-short"),
        ("WECHAT_MP_PLAIN", "yes"),
        ("WECHAT_API_BASE", "ftp://x"),
        ("ZPT_SANDBOX", "true"),
        ("ZPT_DATA_KEYS", ""),
        ("ZPT_DATA_KEYS", "k1:short"),
        ("ZPT_DATA_KEYS", KEY),
        ("ZPT_DATA_KEYS", f"k2:write:{KEY}"),
        ("ZPT_DATA_KEYS", f"k2:read:{KEY},k1:{KEY}"),
        ("ZPT_DATA_KEYS", f"k2:index:{KEY}"),
        ("ZPT_DATA_KEYS", f"k1:{KEY},k1:{KEY}"),
        ("ZPT_TRUSTED_PROXIES", "10.0.0.0/8,nonsense"),
        ("ZPT_PUBLIC_URL", "zhipeitong"),
        ("ZPT_WORKER_LISTEN", "8081"),
        ("ZPT_WORKER_LISTEN", "127.0.0.1:0"),
        ("ZPT_WORKER_LISTEN", ":8081"),
        ("ZPT_WORKER_LISTEN", "127.0.0.1:8080"),
    ],
)
def test_a_wrong_variable_is_named_in_one_line(variable: str, value: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        read_settings(GOOD | {variable: value})
    assert refusal.value.variable == variable
    line = str(refusal.value)
    assert line.startswith(variable)
    assert "\n" not in line
    assert "hunter2" not in line


@pytest.mark.parametrize(
    ("environment", "address"),
    [
        ({}, Address("127.0.0.1", 8081)),
        ({"ZPT_WORKER_LISTEN": ""}, None),
        ({"ZPT_WORKER_LISTEN": "[::1]:9100"}, Address("::1", 9100)),
        # The web processes start at the same time and must get it.
        ({"PORT": "8081"}, None),
    ],
)
def test_where_the_worker_listens(environment: dict[str, str], address: Address | None) -> None:
    assert read_settings(GOOD | environment).worker_listen == address


@pytest.mark.parametrize(
    ("stated", "both"),
    [
        ([], False),
        (["ZPT_CONSULT_LINE"], False),
        (["ZPT_COMPLAINT_LINE"], False),
        (["ZPT_CONSULT_LINE", "ZPT_COMPLAINT_LINE"], True),
    ],
)
def test_lines_are_stated_together_or_are_those_of_the_service(
    stated: list[str], both: bool
) -> None:
    settings = read_settings(GOOD | dict.fromkeys(stated, "0898-1234567"))
    assert settings.lines_stated is both
    assert (settings.consult_line == "12333") is ("ZPT_CONSULT_LINE" not in stated)


def test_half_a_mini_program_is_refused() -> None:
    with pytest.raises(SettingsError, match="WECHAT_MINI_SECRET"):
        read_settings(GOOD | {"WECHAT_MINI_APP_ID": "wx1"})


def test_plain_mode_needs_no_key() -> None:
    settings = read_settings(GOOD | {"WECHAT_MP_PLAIN": "1", "WECHAT_MP_AES_KEY": ""})
    assert settings.official_account is not None
    assert settings.official_account.plain


def test_a_command_that_needs_nothing_reads_an_empty_environment() -> None:
    assert read_settings({}, Need.NOTHING).official_account is None


@pytest.mark.parametrize(
    "real",
    [
        {"WECHAT_MP_APP_ID": "wx0123456789abcdef"},
        {"WECHAT_MINI_APP_ID": "wx0123456789abcdef", "WECHAT_MINI_SECRET": "s"},
        {"WECHAT_API_BASE": "https://api.weixin.qq.com"},
        {"WECHAT_API_BASE": ""},
    ],
)
def test_the_sandbox_never_runs_beside_real_credentials(real: dict[str, str]) -> None:
    assert read_settings(SANDBOX).sandbox
    with pytest.raises(SettingsError, match="ZPT_SANDBOX"):
        read_settings(SANDBOX | real)


def test_secrets_are_not_shown() -> None:
    shown = repr(read_settings(GOOD | {"WECHAT_MP_SECRET": "hunter2"}))
    assert "hunter2" not in shown
    assert "a" * 43 not in shown
    assert str(bytes(32)) not in shown


BUCKET = {
    "ZPT_FILES": "s3://files/zpt/",
    "ZPT_FILES_ENDPOINT": "https://s3.example.cn/",
    "ZPT_FILES_KEY_ID": "id",
    "ZPT_FILES_SECRET": "word",
}


def test_files_lie_beside_everything_else_or_in_a_bucket() -> None:
    assert read_settings(GOOD | {"ZPT_VAR": "/srv/zpt"}).files == Path("/srv/zpt/files")
    bucket = read_settings(GOOD | BUCKET).files
    assert bucket == Bucket("files", "zpt", "https://s3.example.cn", "us-east-1", "id", "word")
    assert "word" not in repr(read_settings(GOOD | BUCKET))


@pytest.mark.parametrize("missing", ["ZPT_FILES_ENDPOINT", "ZPT_FILES_KEY_ID", "ZPT_FILES_SECRET"])
def test_a_bucket_is_stated_whole(missing: str) -> None:
    with pytest.raises(SettingsError, match=missing):
        read_settings(GOOD | BUCKET | {missing: ""})
    with pytest.raises(SettingsError, match="ZPT_FILES"):
        read_settings(GOOD | BUCKET | {"ZPT_FILES": "/srv/files"})
