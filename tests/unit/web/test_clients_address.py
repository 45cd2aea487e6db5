import ipaddress

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from web.clients_address import client_address, is_from_inside

PROXIES = (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fd00::/8"))


class Transport:
    """A socket whose other end is `peer`."""

    def __init__(self, peer: tuple[str, int] | str) -> None:
        self.peer = peer

    def get_extra_info(self, name, default=None):
        return self.peer if name == "peername" else default

    def is_closing(self):
        return False


def request_from(peer: str | None, *forwarded: str) -> web.Request:
    headers = CIMultiDict([("X-Forwarded-For", value) for value in forwarded])
    address = (peer, 1234) if peer else ""
    return make_mocked_request("GET", "/", headers=headers, transport=Transport(address))


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("203.0.113.9", (), "203.0.113.9"),
        # A stranger's own header counts for nothing.
        ("203.0.113.9", ("198.51.100.1",), "203.0.113.9"),
        ("10.0.0.1", (), "10.0.0.1"),
        ("10.0.0.1", ("198.51.100.1",), "198.51.100.1"),
        # The left-most was written by the client.
        ("10.0.0.1", ("127.0.0.1, 198.51.100.1",), "198.51.100.1"),
        ("10.0.0.1", ("1.1.1.1, 198.51.100.1, 10.0.0.7",), "198.51.100.1"),
        ("10.0.0.1", ("1.1.1.1", "198.51.100.1"), "198.51.100.1"),
        ("10.0.0.1", ("10.0.0.5, 10.0.0.7",), "10.0.0.5"),
        ("10.0.0.1", ("198.51.100.1, rubbish",), None),
        ("10.0.0.1", ("198.51.100.1,",), None),
        ("::ffff:10.0.0.1", ("2001:db8::1",), "2001:db8::1"),
        ("fd00::1%eth0", ("198.51.100.1",), "198.51.100.1"),
        (None, ("198.51.100.1",), None),
    ],
)
def test_the_rightmost_untrusted_address_counts(peer, forwarded, expected):
    address = client_address(request_from(peer, *forwarded), PROXIES)
    assert address == (ipaddress.ip_address(expected) if expected else None)


@pytest.mark.parametrize(
    ("peer", "forwarded", "inside"),
    [
        ("127.0.0.1", (), True),
        ("::1", (), True),
        ("::ffff:127.0.0.1", (), True),
        ("10.0.0.1", (), True),
        ("203.0.113.9", (), False),
        ("203.0.113.9", ("127.0.0.1",), False),
        # Through our own proxy the client counts, whatever it claims on the left.
        ("10.0.0.1", ("203.0.113.9",), False),
        ("10.0.0.1", ("127.0.0.1, 203.0.113.9",), False),
        ("10.0.0.1", ("10.0.0.9",), True),
        # A proxy on this machine that nobody told us about.
        ("127.0.0.1", ("203.0.113.9",), False),
        ("127.0.0.1", ("127.0.0.1",), False),
        (None, (), False),
    ],
)
def test_only_loopback_and_our_proxies_are_inside(peer, forwarded, inside):
    assert is_from_inside(request_from(peer, *forwarded), PROXIES) is inside
