"""A TLS server closes and leaves nothing open: warnings of unclosed sockets are errors."""

import asyncio
import gc
import socket
import time

import pytest

from scaler.agent_port import context
from scaler.agents.closing import closed
from scaler.certificates.agents import Material
from scaler.certificates.issuing import issue_ca, issue_leaf
from tests.unit.scaler.agents.conversation import NAME


async def _served(begun: int) -> list[socket.socket]:
    """Connections whose handshake never comes, to a server that closes after so many turns."""
    ca = issue_ca(time.time(), 3600.0)
    secured = context(Material(issue_leaf(ca, (NAME,), time.time(), 3600.0), ca.certificate))
    writers: set[asyncio.StreamWriter] = set()
    server = await asyncio.start_server(lambda _, w: writers.add(w), "127.0.0.1", 0, ssl=secured)
    address = server.sockets[0].getsockname()
    clients = [socket.create_connection(address) for _ in range(20)]
    for _ in range(begun):
        await asyncio.sleep(0)
    await closed(server, writers)
    return clients


@pytest.mark.parametrize("begun", range(6))
def test_a_handshake_under_way_as_the_port_closes_is_cut(begun: int) -> None:
    clients = asyncio.run(_served(begun))
    gc.collect()
    for client in clients:
        client.settimeout(5.0)
        try:
            assert client.recv(1) == b""
        except ConnectionResetError:  # it was not accepted any more
            assert begun < 2
        client.close()
