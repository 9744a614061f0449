import socket
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from recommender.cli.notifying import Notifier


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(5)
        yield manager


def test_the_manager_hears_each_word(heard: socket.socket, tmp_path: Path) -> None:
    notifier = Notifier({"NOTIFY_SOCKET": str(tmp_path / "notify")})
    notifier.ready()
    notifier.status("next run:\n 07:30 \udcff")
    notifier.watchdog()
    notifier.reloading()
    notifier.stopping()
    said = [heard.recv(4096).decode() for _ in range(5)]
    assert said[:3] == ["READY=1", "STATUS=next run: 07:30 ?", "WATCHDOG=1"]
    reloading, since = said[3].split("\n")
    assert reloading == "RELOADING=1"
    assert int(since.removeprefix("MONOTONIC_USEC=")) > 0
    assert said[4] == "STOPPING=1"


def test_a_name_in_the_abstract_namespace_is_found(tmp_path: Path) -> None:
    name = f"shelfwise-{tmp_path.name}-{id(tmp_path)}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        try:
            manager.bind(f"\0{name}")
        except OSError:
            pytest.skip("this system has no abstract namespace")
        manager.settimeout(5)
        Notifier({"NOTIFY_SOCKET": f"@{name}"}).ready()
        assert manager.recv(64) == b"READY=1"


@pytest.mark.parametrize("named", [None, "", "relative", "vsock:2:1", "/no/such/socket", "/a\0b"])
def test_where_nobody_listens_nothing_happens(named: str | None) -> None:
    notifier = Notifier({} if named is None else {"NOTIFY_SOCKET": named})
    for say in (notifier.ready, notifier.reloading, notifier.watchdog, notifier.stopping):
        say()
    notifier.status("well")


def test_a_manager_that_does_not_listen_is_not_waited_for(
    heard: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recommender.cli.notifying._LONGEST", 0.01)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.settimeout(0)
        n = sum(1 for _ in iter(partial(_sent, channel, heard.getsockname()), None))
    Notifier({"NOTIFY_SOCKET": str(tmp_path / "notify")}).ready()
    assert [heard.recv(64) for _ in range(n)] == [b"x"] * n
    heard.settimeout(0)
    with pytest.raises(BlockingIOError):
        heard.recv(64)


def _sent(channel: socket.socket, address: str) -> int | None:
    """How much was sent; None where the queue is full."""
    try:
        return channel.sendto(b"x", address)
    except BlockingIOError:
        return None
