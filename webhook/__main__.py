"""`python -m webhook`: read the settings, wait for a certificate, serve.

It waits instead of failing: at the very first start the scaler is still issuing the certificate,
and a crash loop would only delay the moment when it is used.
"""

import logging
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from kube import logs
from kube.environment import SettingsError
from webhook.certificate import Certificate
from webhook.server import Server
from webhook.settings import from_env, help_text

logger = logging.getLogger("webhook")

_AGAIN = 1.0  # seconds between two attempts to load the certificate
_LOG_EVERY = 30  # attempts

USAGE = """usage: python -m webhook

Answers the API server's AdmissionReviews at https://BIND:PORT/mutate from the PodSizes of the
cluster that it runs in (or the one that KUBECONFIG names). Also serves /livez, /readyz, /metrics.

Environment (default):
"""


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Serve until SIGTERM; the exit status."""
    if arguments:
        print(USAGE + help_text())
        return 0 if arguments[0] in ("-h", "--help") else 2
    try:
        settings = from_env(environ)
    except SettingsError as e:
        print(e, file=sys.stderr)
        return 2
    logs.configure(settings.log_level, settings.log_format)
    logger.info("settings", extra=asdict(settings))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # process 1 has no default for it
    certificate = Certificate(settings.cert_dir)
    _wait_for(certificate)
    Server(settings, certificate).run()
    return 0


def _wait_for(certificate: Certificate) -> None:
    looks = 0
    while True:
        try:
            certificate.context()
            return
        except OSError as e:
            if looks % _LOG_EVERY == 0:
                logger.warning("waiting for the certificate", extra={"error": str(e)})
        looks += 1
        time.sleep(_AGAIN)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
