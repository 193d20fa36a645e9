"""`make show`: the page of the cluster's release, at an address that a browser here reaches.

The embedded cluster's network is connected to nothing. So this process listens outside, and a
second one of it, inside, takes each connection to a port-forward there.
"""

import os
import socket
import subprocess
import sys
import threading
from collections import deque
from contextlib import suppress
from pathlib import Path

PORT = 8080
ADDRESS = ("127.0.0.1", PORT)
URL = f"http://127.0.0.1:{PORT}/"
FORWARD = ("kubectl", "-n", "podtailor-system", "port-forward", "deployment/podtailor-scaler")
CURRENT = os.environ.get("CLUSTER") == "current"
HOW = (f"{' '.join(FORWARD)} {PORT}" if CURRENT else "make show") + f", then open {URL}"
_RUN = Path(__file__).parents[1] / "cluster/run"


def main() -> int:
    """Until it is interrupted; the exit status."""
    if CURRENT:
        return subprocess.call([*FORWARD, str(PORT)])
    try:
        listener = socket.create_server(ADDRESS)
    except OSError as e:
        print(f"{URL} is taken: {e.strerror}", file=sys.stderr)
        return 1
    inside = [str(_RUN), sys.executable, "-m", "tests.demo.page", str(listener.fileno())]
    return subprocess.call(inside, pass_fds=[listener.fileno()])


def relay(listener: socket.socket) -> int:
    """Inside the cluster's network: a port-forward, and each connection to it."""
    with subprocess.Popen([*FORWARD, f":{PORT}"], stdout=subprocess.PIPE, text=True) as forward:
        assert forward.stdout is not None
        said = forward.stdout.readline()  # Forwarding from 127.0.0.1:40123 -> 8080
        if "Forwarding from" not in said:
            return forward.wait()
        port = int(said.split(" -> ")[0].rpartition(":")[2])
        threading.Thread(target=deque, args=(forward.stdout, 0), daemon=True).start()
        threading.Thread(target=_accept, args=(listener, port), daemon=True).start()
        print(f"{URL} until you press Ctrl-C", flush=True)
        return forward.wait()


def _accept(listener: socket.socket, port: int) -> None:
    while True:
        outside, _ = listener.accept()
        try:
            inside = socket.create_connection(("127.0.0.1", port))
        except OSError:
            outside.close()
            continue
        for source, target in ((outside, inside), (inside, outside)):
            threading.Thread(target=_copy, args=(source, target), daemon=True).start()


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while chunk := source.recv(65536):
            target.sendall(chunk)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        target.close()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(relay(socket.socket(fileno=int(sys.argv[1]))) if sys.argv[1:] else main())
