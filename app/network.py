"""The addresses under which stations on the site's network reach this machine."""

import ipaddress
import socket

import ifaddr


def addresses() -> list[str]:
    """IPv4 addresses of this machine, those a station on the same network can use first; loopback never.

    The one that routes outward comes first; link-local ones (a cable without a router) come last.
    """
    found = {ip.ip for adapter in ifaddr.get_adapters() for ip in adapter.ips if isinstance(ip.ip, str)}
    usable = [address for address in found if not ipaddress.ip_address(address).is_loopback]
    outward = _outward()
    return sorted(usable, key=lambda address: (address != outward, _is_link_local(address), _order(address)))


def websocket_url(host: str, port: int) -> str:
    """`ws://host:port/`, with brackets around an IPv6 address."""
    return f"ws://[{host}]:{port}/" if ":" in host else f"ws://{host}:{port}/"


def _outward() -> str:
    """The address this machine would speak from; connecting a datagram socket sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return ""
        return str(probe.getsockname()[0])


def _is_link_local(address: str) -> bool:
    return ipaddress.ip_address(address).is_link_local


def _order(address: str) -> int:
    return int(ipaddress.ip_address(address))
