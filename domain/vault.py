"""Personal data is sealed before it leaves the process (law 8).

A sealed value is AES-256-GCM: version, key id, nonce, ciphertext and tag in one byte string.
The place it belongs to (table and column, or a Redis key's purpose) and the row are authenticated
with it, so that a value copied into another column, or to another person's row, does not open.
Look-ups use a blind index: an HMAC that says whether two values are equal and nothing else.
"""

import hmac
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from settings import DataKey, KeyUse

_VERSION = b"\x01"
_NONCE_BYTES = 12
#: 128 bits: no two of a city's people meet by chance, and indexes stay small.
INDEX_BYTES = 16


class SealBroken(Exception):  # noqa: N818 (what happened, not what kind of class)
    """A sealed value does not open: unknown key, wrong place or row, or changed bytes."""


class Vault:
    """Seals and opens. The first key writes, and all but those of KeyUse.INDEX open.

    Blind indexes that stand alone (`index`) are the last key's, those of KeyUse.READ not counted:
    it stays last for as long as such are stored. Those of rows that say which key made them are
    the first key's as well (domain.sealed).
    """

    def __init__(self, keys: Sequence[DataKey]) -> None:
        if not keys:
            raise ValueError("a vault needs at least one key")
        if keys[0].use is not KeyUse.ALL:
            raise ValueError("the first key writes")
        self._ciphers = {
            key.key_id.encode(): AESGCM(key.key) for key in keys if key.use is not KeyUse.INDEX
        }
        key_id = keys[0].key_id.encode()
        self._writer = self._ciphers[key_id]
        self._header = _VERSION + bytes([len(key_id)]) + key_id
        self._index_keys = {key.key_id: derive_index_key(key) for key in keys}
        #: The keys that make indexes; the first for what is written.
        self.index_key_ids = tuple(self._index_keys)
        #: The key of the indexes that stand alone.
        self.identity_key_id = [key.key_id for key in keys if key.use is not KeyUse.READ][-1]

    @property
    def writing_key_id(self) -> str:
        """The key that seals."""
        return self.index_key_ids[0]

    @property
    def header(self) -> bytes:
        """How every value begins that the first key has sealed, and no other value."""
        return self._header

    def can_open(self, key_id: str) -> bool:
        """Whether what this key has sealed can be opened."""
        return key_id.encode() in self._ciphers

    def seal(self, plain: bytes, place: bytes, row: bytes) -> bytes:
        """Encrypt `plain` for `place`; the result is 30 bytes and the key id longer.

        `row` is what the row is found by and keeps for ever: a person's blind index, a message's
        key.
        """
        nonce = os.urandom(_NONCE_BYTES)
        return self._header + nonce + self._writer.encrypt(nonce, plain, _bind(place, row))

    def open(self, sealed: bytes, place: bytes, row: bytes) -> bytes:
        """The plain bytes. Raises SealBroken."""
        if len(sealed) < 2 or sealed[:1] != _VERSION:
            raise SealBroken("not a sealed value")
        start = 2 + sealed[1]
        cipher = self._ciphers.get(sealed[2:start])
        if cipher is None:
            raise SealBroken("sealed with a key that is not here")
        nonce, body = sealed[start : start + _NONCE_BYTES], sealed[start + _NONCE_BYTES :]
        try:
            return cipher.decrypt(nonce, body, _bind(place, row))
        except (InvalidTag, ValueError):
            raise SealBroken("changed, or sealed for another place or row") from None

    def index(self, value: str, purpose: str) -> bytes:
        """The blind index (16 bytes) of `value`; indexes of two purposes cannot be compared."""
        return self.index_with(self.identity_key_id, value, purpose)

    def index_with(self, key_id: str, value: str, purpose: str) -> bytes:
        """The same with one of `index_key_ids`. Raises KeyError for another."""
        message = f"{purpose}\0{value}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._index_keys[key_id], message, "sha256")[:INDEX_BYTES]


def derive_index_key(key: DataKey) -> bytes:
    """The half of a data key (32 bytes) that makes blind indexes; it does not lead back to it."""
    if key.use is KeyUse.INDEX:
        return key.key
    return HKDF(SHA256(), 32, salt=None, info=b"zpt blind index").derive(key.key)


def _bind(place: bytes, row: bytes) -> bytes:
    """What is authenticated: the length keeps ("ab", "c") apart from ("a", "bc")."""
    return len(place).to_bytes(2) + place + row
