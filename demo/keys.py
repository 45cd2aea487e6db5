"""Which data keys the demo was started with, by their fingerprints: a command beside it that has
others would seal rows that the demo cannot open."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from demo.accounts import write_private
from domain.vault import Vault
from settings import DataKey

FILE = "demo-keys.json"


def fingerprints_of(keys: Sequence[DataKey], vault: Vault) -> Mapping[str, str]:
    """key id -> eight letters that tell two keys apart."""
    return {key.key_id: vault.index_with(key.key_id, "", "fingerprint").hex()[:8] for key in keys}


def write_keys(var: Path, keys: Sequence[DataKey], vault: Vault) -> None:
    """Note those of a demo that starts."""
    write_private(var / FILE, fingerprints_of(keys, vault))


def read_keys(var: Path) -> Mapping[str, str]:
    """Those of the demo of `var`; none where it has not noted them."""
    try:
        return dict(json.loads((var / FILE).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError):
        return {}
