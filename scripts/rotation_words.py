"""What `zpt keys` says of keys, tables and what is left to do."""

from collections.abc import Iterator, Sequence
from unicodedata import east_asian_width

from domain.rotation.counting import Fault, TableState
from domain.rotation.rotating import KeysUnfit, Outcome
from domain.rotation.statements import NOT_SEALED
from domain.vault import Vault
from settings import DataKey, KeyUse

_MOST_FAULTS = 20
_USES = {
    KeyUse.ALL: "读取、查找",
    KeyUse.READ: "读取、查找（还没有启用）",
    KeyUse.INDEX: "只能查找",
}


def say_keys(keys: Sequence[DataKey], vault: Vault) -> Iterator[str]:
    """A line for each key; by the fingerprint it is seen whether two machines have the same."""
    yield "密钥，按 ZPT_DATA_KEYS 里的顺序（指纹要和别的机器上一样）："
    for key in keys:
        uses = [_USES[key.use]]
        if key.key_id == vault.writing_key_id:
            uses.insert(0, "加密")
        if key.key_id == vault.identity_key_id:
            uses.append("公众号的索引")
        fingerprint = vault.index_with(key.key_id, "", "fingerprint").hex()[:8]
        yield f"  {_pad(key.key_id, 18)}{fingerprint}  {'、'.join(uses)}"


def say_table(states: Sequence[TableState], vault: Vault) -> Iterator[str]:
    """A line for each table, a column for each key that is used or known."""
    known = list(vault.index_key_ids)
    found = sorted({key_id for state in states for key_id in state.by_key} - set(known))
    columns = [*known, *found]
    width = max(18, *(len(state.table.name) + 2 for state in states))
    yield _pad("用这把密钥的行", width) + "".join(f"{column:>16}" for column in columns)
    for state in states:
        counts = "".join(f"{state.by_key.get(column, 0):>16,}" for column in columns)
        yield _pad(state.table.name, width) + counts
    if NOT_SEALED in found:
        yield f"“{NOT_SEALED}”是没有加密的内容，或者已经损坏。"


def say_what_may_go(
    states: Sequence[TableState], keys: Sequence[DataKey], vault: Vault
) -> Iterator[str]:
    """A line for each key that no longer seals."""
    known = {key.key_id: key for key in keys}
    used: dict[str, int] = {}
    for state in states:
        for key_id, rows in state.by_key.items():
            used[key_id] = used.get(key_id, 0) + rows
    for key_id in sorted(set(known) | set(used) - {NOT_SEALED}):
        rows = used.get(key_id, 0)
        if key_id == vault.writing_key_id:
            continue
        if not vault.can_open(key_id) and rows:
            yield f"{key_id}：有 {rows:,} 行在用，可是 ZPT_DATA_KEYS 里没有它，先找回来。"
        elif key_id in known and known[key_id].use is KeyUse.READ:
            yield f"{key_id}：所有进程都认识它以后，去掉 read，放到最前面，就开始用它加密。"
        elif rows:
            yield f"{key_id}：还有 {rows:,} 行在用。运行 zpt keys rotate。"
        elif known[key_id].use is KeyUse.INDEX:
            yield f"{key_id}：公众号的人按它的索引认，留在最后；它打不开任何内容。"
        else:
            yield (
                f"{key_id}：没有一行再用它。所有进程都换成新密钥至少一小时、消息都入库以后，"
                f"运行 zpt keys retire {key_id}，把它换下来。"
            )


def say_unfit(unfit: KeysUnfit) -> Iterator[str]:
    """Why nothing was begun."""
    for key_id, rows in sorted(unfit.missing.items()):
        yield f"有 {rows:,} 行用编号 {key_id} 的密钥加密，ZPT_DATA_KEYS 里没有这把（完整的）密钥。"
    for key_id in unfit.wrong:
        yield f"编号 {key_id} 的密钥不对：用它加密的内容，一条也打不开。"
    yield "什么都没有改。请先把密钥补齐。"


def say_outcome(outcome: Outcome, vault: Vault) -> Iterator[str]:
    """What was done, what is left, and what to do about it."""
    yield f"这一次改了 {outcome.done:,} 行。"
    yield from say_faults(outcome.refused)
    others = outcome.left - len(outcome.refused)
    if outcome.stopped and outcome.left:
        yield f"停下了，还剩 {outcome.left:,} 行。再运行一遍 zpt keys rotate 就接着做。"
    elif others > 0:
        yield (
            f"还剩 {others:,} 行：有人正在改，或者还有进程在用旧密钥加密。"
            "先让所有进程都换上新的 ZPT_DATA_KEYS，再运行一遍。"
        )
    if outcome.refused:
        yield "上面这些行没有动，旧密钥先不要去掉。"
    if not outcome.left:
        yield f"所有个人信息都已改用 {vault.writing_key_id}。旧密钥何时去掉，看 zpt keys status。"


def say_faults(faults: Sequence[Fault]) -> Iterator[str]:
    """The first of them, by table and id."""
    for fault in faults[:_MOST_FAULTS]:
        yield f"  {fault.table} {fault.row}：{fault.reason}"
    if len(faults) > _MOST_FAULTS:
        yield f"  …… 还有 {len(faults) - _MOST_FAULTS:,} 处。"


def _pad(text: str, width: int) -> str:
    """`text` with blanks, a Chinese character counted as two."""
    wide = sum(east_asian_width(character) in "WF" for character in text)
    return text + " " * max(1, width - len(text) - wide)
