#!/usr/bin/env bash
# The Python client's SharedInformer: it asks again without a pause.
#
# Expected: when the API server ends a watch (as it may at any time, and each one does when it is shut
#   down), the informer waits before the next, longer each time, as Go's reflector does.
# Seen: it opens the next at once, hundreds in a second against this server that ends each watch
#   without an event, and it asks for no timeoutSeconds and no bookmarks.
# Why it matters to a pod scaler: one replica of it can take the whole request budget of its client at
#   the very moment when the API server is overloaded. Watch with a pause of one's own.
# Versions: kubernetes 37.0.2 (Python); 2026-11-29.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >inform.py <<'PY'
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from kubernetes import client
from kubernetes.informer import SharedInformer

asked = []


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        asked.append(self.path)
        listed = {"apiVersion": "v1", "kind": "PodList", "metadata": {"resourceVersion": "100"}, "items": []}
        body = b"" if "watch=" in self.path else json.dumps(listed).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
threading.Thread(target=server.serve_forever, daemon=True).start()
settings = client.Configuration()
settings.host = f"http://127.0.0.1:{server.server_port}"
pods = client.CoreV1Api(client.ApiClient(settings))
informer = SharedInformer(list_func=pods.list_namespaced_pod, namespace="default")
informer.start()
time.sleep(3)
informer.stop()
watches = [path for path in asked if "watch=" in path]
print(f"lists: {len(asked) - len(watches)}")
print(f"a watch: {watches[0]}")
print(f"more than 50 watches in 3 s: {len(watches) > 50}")
server.shutdown()
PY
python3 -m venv venv
venv/bin/pip install -q --no-compile kubernetes==37.0.2

cat >expected <<'TEXT'
lists: 1
a watch: /api/v1/namespaces/default/pods?resourceVersion=100&watch=true
more than 50 watches in 3 s: True
TEXT
echo "kubernetes $(venv/bin/python -c 'import kubernetes; print(kubernetes.__version__)'): SharedInformer watches again without a pause"
venv/bin/python inform.py | tee seen
diff expected seen || { echo "CHANGED: not what was seen on 2026-11-29"; exit 1; }
