"""Which address a request comes from, when proxies stand before us."""

import ipaddress
from collections.abc import Sequence

from aiohttp import web

from settings import IPNetwork

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


def peer_address(request: web.BaseRequest) -> IPAddress | None:
    """The address at the other end of the socket; None for a Unix socket or a closed one."""
    peer = request.transport.get_extra_info("peername") if request.transport else None
    return _parse(peer[0]) if isinstance(peer, tuple) and peer else None


def client_address(
    request: web.BaseRequest, trusted_proxies: Sequence[IPNetwork]
) -> IPAddress | None:
    """The right-most address of X-Forwarded-For that is not one of our proxies.

    The header is believed only when the peer itself is a trusted proxy, and it is read from
    the right: each proxy appends the address it saw, so everything left of the first
    untrusted entry was written by the client and can be anything. An entry that is no
    address ends the walk with None, for what stands there cannot be named.
    """
    address = peer_address(request)
    if address is None or not is_within(address, trusted_proxies):
        return address
    header = ",".join(request.headers.getall("X-Forwarded-For", ()))
    for entry in reversed(header.split(",") if header else []):
        address = _parse(entry.strip())
        if address is None or not is_within(address, trusted_proxies):
            return address
    return address


def is_from_inside(request: web.BaseRequest, trusted_proxies: Sequence[IPNetwork]) -> bool:
    """Whether loopback or a trusted proxy itself asks, and not a client through that proxy.

    A proxy that forwards for someone says so in X-Forwarded-For; then that client counts.
    A loopback proxy that is not in `trusted_proxies` is not known to us, so any request with
    the header that comes through it is taken as foreign.
    """
    peer = peer_address(request)
    if peer is None:
        return False
    inside = [*trusted_proxies, *_LOOPBACK]
    if "X-Forwarded-For" in request.headers and not is_within(peer, trusted_proxies):
        return False
    client = client_address(request, trusted_proxies)
    return client is not None and is_within(client, inside)


def is_within(address: IPAddress, networks: Sequence[IPNetwork]) -> bool:
    """Whether one of `networks` holds `address`."""
    return any(address in network for network in networks)


_LOOPBACK: tuple[IPNetwork, ...] = (
    ipaddress.ip_network("127.0.0.0/8"),
    ipaddress.ip_network("::1/128"),
)


def _parse(text: str) -> IPAddress | None:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
