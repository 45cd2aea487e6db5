"""Whether the key that is last in the settings is the one that senders are known by.

A new key put last by mistake would make a stranger of everybody who writes to the official account,
and nothing else would say so.
"""

from domain.messaging.actions import FOLLOWER_OPENID_PLACE
from domain.messaging.rules import SENDER_PURPOSE, name_sender
from domain.vault import SealBroken, Vault
from models.accounts import Follower

#: Of one account; those of another, from before a move, tell nothing.
_SAMPLES = 20


async def find_identity_key(vault: Vault, app_id: str) -> str | None:
    """The id of the key that made the indexes of senders, as some followers of the account tell;
    None where none of them can be opened or is known by any key that is here."""
    for sender, sealed in (
        await Follower.all().order_by("-id").limit(_SAMPLES).values_list("sender", "openid_sealed")
    ):
        try:
            openid = vault.open(sealed, FOLLOWER_OPENID_PLACE, sender).decode()
        except SealBroken:
            continue
        for key_id in vault.index_key_ids:
            if vault.index_with(key_id, name_sender(app_id, openid), SENDER_PURPOSE) == sender:
                return key_id
    return None
