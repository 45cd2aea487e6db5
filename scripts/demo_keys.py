"""Whether a command has the data keys that the running demo was started with."""

from settings import Settings


def say_other_keys(settings: Settings, *, given: bool) -> str:
    """What to say where it has others; "" where it has the same. `given`: by ZPT_DATA_KEYS."""
    from assembly.outside import make_vault
    from demo.keys import fingerprints_of, read_keys

    known = read_keys(settings.var)
    if not known or known == fingerprints_of(settings.data_keys, make_vault(settings)):
        return ""
    names = "、".join(known)
    if not given:
        return (
            f"正在运行的演示是带着 ZPT_DATA_KEYS 启动的（{names}）：请给这个命令同样的。"
            "什么都没有改。"
        )
    mine = "、".join(key.key_id for key in settings.data_keys)
    return (
        f"正在运行的演示认识的密钥是 {names}，ZPT_DATA_KEYS 里给的是 {mine}，不一样，"
        "换过去演示就打不开了。什么都没有改。先停下演示，带着同样的 ZPT_DATA_KEYS 启动，再来一遍；"
        "步骤见 docs/operations.md 的 On the demo。"
    )
