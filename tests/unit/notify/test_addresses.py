import socket

import pytest

from decisionlog.notify import addresses


@pytest.fixture
def names(monkeypatch):
    """A name service: `names["host"] = ["93.184.216.34"]`."""
    known = {}

    def getaddrinfo(host, port, **_):
        found = known.get(host)
        if found is None:
            try:
                socket.inet_pton(socket.AF_INET6 if ":" in host else socket.AF_INET, host)
            except OSError:
                raise socket.gaierror from None
            found = [host]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in found]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return known


def test_the_connection_goes_to_the_address_that_was_checked(names):
    names["hooks.example.com"] = ["93.184.216.34"]
    target = addresses.resolve("https://hooks.example.com:8443/a?b=c#d")
    assert target.url == "https://93.184.216.34:8443/a?b=c"
    assert target.host == "hooks.example.com:8443"
    assert target.name == "hooks.example.com"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "::ffff:127.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
    ],
)
def test_no_name_leads_into_the_house(names, address):
    names["evil.example.com"] = ["93.184.216.34", address]
    with pytest.raises(addresses.ForbiddenAddress):
        addresses.resolve("https://evil.example.com/")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example.com",
        "http://93.184.216.34/",
        "ftp://93.184.216.34/",
        "file:///etc/passwd",
        "https://",
        "https://user@93.184.216.34/",
        "https://93.184.216.34:99999/",
        "https://[::1/",
        "https://nowhere.example.com/",
        "https://127.1/",
        "https://2130706433/",
    ],
)
def test_a_url_that_is_none_for_a_webhook_is_refused(names, url):
    with pytest.raises(addresses.ForbiddenAddress):
        addresses.resolve(url)


def test_private_addresses_go_where_the_settings_allow_them(names):
    assert addresses.resolve("http://127.0.0.1:9/x", private=True).url == "http://127.0.0.1:9/x"


def test_public_addresses_go(names):
    for address in ("93.184.216.34", "2606:4700::1111"):
        assert addresses.is_public(address)
