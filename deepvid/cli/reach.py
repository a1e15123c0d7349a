"""Who reaches an address that a server listens on, and by which names."""

import errno
import os
import secrets
import socket
from ipaddress import ip_address

from deepvid.errors import UserError
from deepvid.permissions import TOKEN

LOOPBACK = ("localhost", "127.0.0.1")
LOGINS = ("PANEL_BASIC_AUTH", "PANEL_OAUTH_PROVIDER")  # Panel's own variables: it asks who a visitor is


def check_port(address: str, port: int) -> None:
    """Raises `UserError` where something listens already, or the address is not ours."""
    try:
        family, *_, where = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        raise UserError(
            "The dashboard listens on a free port of this machine",
            f"{address}:{port} is taken" if taken else f"{address}:{port}: {error.strerror}",
            "Stop what listens there, or give another: --port PORT" if taken else "Give another --address",
        ) from error


def token_of(address: str) -> str:
    """What visitors must know: $DEEPVID_TOKEN, else a new one where other machines reach the address and
    nobody logs in; empty: everybody is let in.
    """
    named = os.environ.get(TOKEN, "")
    if named or _is_loopback(address) or any(os.environ.get(name) for name in LOGINS):
        return named
    return secrets.token_urlsafe(24)


def names_of(address: str) -> tuple[str, ...]:
    """Names and addresses under which browsers ask for what listens on `address`; the one to print first."""
    if _is_loopback(address):
        return tuple(dict.fromkeys((address, *LOOPBACK)))
    if not ip_address(_resolved(address)).is_unspecified:
        return (address,)
    name = socket.gethostname()
    return tuple(dict.fromkeys((name, *_addresses(name), *LOOPBACK)))


def in_url(name: str) -> str:
    """A name as it stands in an address: IPv6 in brackets."""
    return f"[{name}]" if ":" in name else name


def _is_loopback(address: str) -> bool:
    return ip_address(_resolved(address)).is_loopback


def _resolved(address: str) -> str:
    return str(socket.getaddrinfo(address, None)[0][4][0])


def _addresses(name: str) -> list[str]:
    """IPv4 addresses of this machine: those of its name, and the one it would reach a network from."""
    known: list[str] = []
    try:
        known += socket.gethostbyname_ex(name)[2]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("192.0.2.1", 9))  # sends nothing: RFC 5737 keeps this network for documents
            known.append(probe.getsockname()[0])
    except OSError:
        pass  # no network, or a name that nobody knows: localhost remains
    return known
