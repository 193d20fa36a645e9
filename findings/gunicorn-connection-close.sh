#!/usr/bin/env bash
# gunicorn: "Connection: close" beside another word does not close the connection.
#
# Expected: the header is a list of words (RFC 9110, 7.6.1), and "close" among them ends the connection
#   after the answer, as it does alone.
# Seen: with "close, TE" or "TE, close" (what Perl's LWP sends) the answer says keep-alive, and the
#   connection stays open.
# Why it matters to a pod scaler: a webhook's keep-alive must be longer than the API server's (90 s), so
#   each such client holds one of its connections that long after it is done.
# Versions: gunicorn 27.0.1, gthread worker, Python 3.11; 2026-11-29.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; wait; rm -rf "$work"' EXIT
cd "$work"

cat >answer.py <<'PY'
def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
    return [b"ok"]
PY
cat >ask.py <<'PY'
import socket
import time


def connect():
    for _ in range(100):
        try:
            connection = socket.socket(socket.AF_UNIX)
            connection.connect("socket")
            return connection
        except OSError:
            connection.close()
            time.sleep(0.1)
    raise SystemExit("gunicorn does not listen")


for words in ("keep-alive", "close", "close, TE", "TE, close"):
    with connect() as connection:
        connection.settimeout(2)
        connection.sendall(f"GET / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nConnection: {words}\r\n\r\n".encode())
        answer, then = b"", "open after 2 s"
        try:
            while read := connection.recv(65536):
                answer += read
            then = "closed"
        except TimeoutError:
            pass
    (said,) = [line for line in answer.decode().split("\r\n") if line.startswith("Connection:")]
    print(f"asked with Connection: {words}; answered with {said}; {then}")
PY
python3 -m venv venv
venv/bin/pip install -q gunicorn==27.0.1
venv/bin/gunicorn --bind unix:socket --worker-class gthread --threads 4 --keep-alive 30 answer:app >server.log 2>&1 &
server=$!

cat >expected <<'TEXT'
asked with Connection: keep-alive; answered with Connection: keep-alive; open after 2 s
asked with Connection: close; answered with Connection: close; closed
asked with Connection: close, TE; answered with Connection: keep-alive; open after 2 s
asked with Connection: TE, close; answered with Connection: keep-alive; open after 2 s
TEXT
echo "gunicorn $(venv/bin/python -c 'import gunicorn; print(gunicorn.__version__)'): close in a list of values is ignored"
venv/bin/python ask.py | tee seen
diff expected seen || { echo "CHANGED: not what was seen on 2026-11-29"; exit 1; }
