"""Who may look where there is no authentication: by the name that a request used."""

import pytest

from scaler.page.doors import Asked, OpenDoor, Refused


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("localhost", "127.0.0.1"),
        ("localhost:8080", "127.0.0.1"),
        ("LOCALHOST:8080", "::1"),
        ("127.0.0.1:8080", "127.0.0.1"),
        ("[::1]:8080", "::1"),
        ("10.42.0.7:8080", "10.42.0.7"),
        ("10.42.0.7:8080", "::ffff:10.42.0.7"),
        ("[fd00::7]:8080", "fd00::7"),
        ("192.168.7.7:8080", "127.0.0.1"),
    ],
)
def test_a_port_forward_and_the_pods_own_address_are_answered(host: str, local: str) -> None:
    viewer = OpenDoor().viewer(Asked(host, local))
    assert viewer.may_list("shop") and viewer.may_get("shop", "deployment-web")


@pytest.mark.parametrize(
    "host",
    [
        "",
        "podtailor-scaler.podtailor-system:8080",
        "10.96.0.12:8080",  # a Service's address
        "rebound.example:8080",
        "localhost.example",
        "127.0.0.1.example",
        "[::1",
        "2130706433",
    ],
)
def test_a_service_and_the_domain_of_another_site_are_refused(host: str) -> None:
    with pytest.raises(Refused) as raised:
        OpenDoor().enter(Asked(host, "10.42.0.7"))
    for local in ("127.0.0.1", ""):
        if not host.startswith("10."):
            with pytest.raises(Refused):
                OpenDoor().enter(Asked(host, local))
    assert raised.value.status == 421 and "port-forward" in raised.value.message
