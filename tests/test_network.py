import ipaddress

import ifaddr
import pytest

from app import network


def test_the_addresses_are_this_machines_own_and_never_loopback():
    found = network.addresses()
    own = {ip.ip for adapter in ifaddr.get_adapters() for ip in adapter.ips}
    assert set(found) <= own
    assert len(found) == len(set(found))
    assert not any(ipaddress.ip_address(address).is_loopback for address in found)
    assert all(ipaddress.ip_address(address).version == 4 for address in found)


@pytest.fixture
def machine(monkeypatch):
    """A machine with these addresses, of which `outward` is the one it would speak from."""

    def has(*addresses, outward=""):
        ips = [ifaddr.IP(address, 24, "nic") for address in addresses]
        ips.append(ifaddr.IP(("fe80::1", 0, 2), 64, "nic"))
        monkeypatch.setattr(ifaddr, "get_adapters", lambda: [ifaddr.Adapter("nic", "nic", ips)])
        monkeypatch.setattr(network, "_outward", lambda: outward)

    return has


def test_the_one_that_routes_outward_comes_first_and_link_local_ones_last(machine):
    machine("127.0.0.1", "169.254.3.4", "192.168.1.20", "192.168.1.3", "10.0.0.5", outward="192.168.1.20")
    assert network.addresses() == ["192.168.1.20", "10.0.0.5", "192.168.1.3", "169.254.3.4"]


def test_an_address_on_two_adapters_is_one_address(machine):
    machine("10.0.0.5", "10.0.0.5")
    assert network.addresses() == ["10.0.0.5"]


def test_a_machine_without_a_network_has_none(machine):
    machine("127.0.0.1")
    assert network.addresses() == []


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("192.168.1.20", "ws://192.168.1.20:9000/"),
        ("::1", "ws://[::1]:9000/"),
        ("desk.local", "ws://desk.local:9000/"),
    ],
)
def test_an_url_has_brackets_where_it_needs_them(host, url):
    assert network.websocket_url(host, 9000) == url
