"""Where the service listens and which names it answers to."""

import socket

import pytest
from pydantic import ValidationError

from api.server import bound
from api.settings import ServiceSettings
from graph.errors import InputError


def settings(**values: object) -> ServiceSettings:
    return ServiceSettings.model_validate(values)


def test_loopback_is_the_default_and_other_names_are_not_answered_to() -> None:
    assert settings().loopback
    assert settings().hosts == {"127.0.0.1", "localhost", "[::1]"}


def test_the_environment_names_more_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIKU_SERVE_ALLOWED_HOSTS", "zhiku.example.cn, Think.Example.CN")
    monkeypatch.setenv("ZHIKU_SERVE_PUBLIC_URL", "https://kx.example.cn/")
    found = ServiceSettings()  # pyright: ignore[reportCallIssue]
    assert {"zhiku.example.cn", "think.example.cn", "kx.example.cn"} < found.hosts
    assert found.secure
    assert found.origin(8000) == "https://kx.example.cn"


@pytest.mark.parametrize(
    ("host", "loopback", "origin"),
    [
        ("0.0.0.0", False, "http://127.0.0.1:81"),
        ("::", False, "http://127.0.0.1:81"),
        ("::1", True, "http://[::1]:81"),
        ("localhost", True, "http://localhost:81"),
        ("192.0.2.7", False, "http://192.0.2.7:81"),
    ],
)
def test_addresses(host: str, loopback: bool, origin: str) -> None:
    found = settings(host=host)
    assert found.loopback is loopback
    assert found.origin(81) == origin
    assert "0.0.0.0" not in found.hosts


@pytest.mark.parametrize("address", ["ftp://x", "zhiku.example.cn", "https://"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValidationError, match="http"):
        settings(public_url=address)


def test_an_answer_does_not_wait_for_the_acknowledgement_of_its_head() -> None:
    """It did: 44 ms for every answer on an open connection, since the socket had no protocol number for asyncio."""
    with bound(settings(port=0)) as listener, socket.create_connection(listener.getsockname()[:2]):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_taken_port_and_a_foreign_address_are_a_chinese_error() -> None:
    with bound(settings(port=0)) as listener, pytest.raises(InputError, match="无法在"):
        bound(settings(port=listener.getsockname()[1]))
    with pytest.raises(InputError, match="--host"):
        bound(settings(host="192.0.2.7", port=0))
