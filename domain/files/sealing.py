"""Sealing what is in a file with the file's own key. Pure but for chance.

Version, nonce, ciphertext and tag in one byte string; the file's id is authenticated with it, so
that one file put in the place of another does not open.
"""

import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.vault import SealBroken

_VERSION = b"\x01"
_NONCE_BYTES = 12


def make_key() -> bytes:
    """The key of one file; no other is sealed with it."""
    return AESGCM.generate_key(256)


def seal_content(key: bytes, file_id: UUID, content: bytes) -> bytes:
    """`content` as it lies in the store; 29 bytes longer."""
    nonce = os.urandom(_NONCE_BYTES)
    return _VERSION + nonce + AESGCM(key).encrypt(nonce, content, file_id.bytes)


def open_content(key: bytes, file_id: UUID, sealed: bytes) -> bytes:
    """What was sealed. Raises domain.vault.SealBroken."""
    if sealed[:1] != _VERSION:
        raise SealBroken("not a sealed file")
    nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, body, file_id.bytes)
    except (InvalidTag, ValueError):
        raise SealBroken("changed, or another file's") from None
