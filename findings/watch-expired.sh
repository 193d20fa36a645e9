#!/usr/bin/env bash
# The Python client's Watch without models: an expired watch ends in a KeyError.
#
# Expected: stream(..., deserialize=False) differs only in that it hands out dictionaries. An ERROR
#   event (410: the resourceVersion is too old, which each long watch meets) raises ApiException(410),
#   and the resourceVersion moves on with the events.
# Seen: with models so. Without, KeyError: 'raw_object', and the resourceVersion stays None, so that
#   a new stream() of the same Watch begins from nowhere.
# Why it matters to a pod scaler: not building models is what makes watching thousands of pods
#   affordable, and catching ApiException, as documented, does not catch this.
# Versions: kubernetes 37.0.2 (Python); 2026-11-29.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >watch.py <<'PY'
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from kubernetes import client, watch

POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "resourceVersion": "5"}}
EXPIRED = {"apiVersion": "v1", "kind": "Status", "status": "Failure", "code": 410, "reason": "Expired",
           "message": "too old resource version"}
EVENTS = [{"type": "ADDED", "object": POD}, {"type": "ERROR", "object": EXPIRED}]


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        for event in EVENTS:
            self.wfile.write(json.dumps(event).encode() + b"\n")

    def log_message(self, *args):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
threading.Thread(target=server.serve_forever, daemon=True).start()
settings = client.Configuration()
settings.host = f"http://127.0.0.1:{server.server_port}"
pods = client.CoreV1Api(client.ApiClient(settings))
for models in (True, False):
    watching = watch.Watch()
    try:
        for event in watching.stream(pods.list_namespaced_pod, "default", deserialize=models, timeout_seconds=5):
            print(f"models {models}: {event['type']}")
    except client.ApiException as error:
        print(f"models {models}: ApiException {error.status}")
    except KeyError as error:
        print(f"models {models}: KeyError {error}")
    print(f"models {models}: resourceVersion {watching.resource_version}")
server.shutdown()
PY
python3 -m venv venv
venv/bin/pip install -q --no-compile kubernetes==37.0.2

cat >expected <<'TEXT'
models True: ADDED
models True: ApiException 410
models True: resourceVersion 5
models False: ADDED
models False: KeyError 'raw_object'
models False: resourceVersion None
TEXT
echo "kubernetes $(venv/bin/python -c 'import kubernetes; print(kubernetes.__version__)'): a watch without models raises KeyError on 410"
venv/bin/python watch.py | tee seen
diff expected seen || { echo "CHANGED: not what was seen on 2026-11-29"; exit 1; }
