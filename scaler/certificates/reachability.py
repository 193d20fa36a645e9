"""Why does the API server not reach the webhook? Tested from the scaler with the same address.

If the API server cannot call the webhook, it admits pods unchanged and reports nothing. What blocks
it usually blocks the scaler too, so the scaler connects to the same name with the caBundle of the
webhook's configuration.

| the scaler's connection                          | reported                                  |
| ------------------------------------------------ | ----------------------------------------- |
| is refused, or not answered in two seconds       | no server: does the Service lack          |
|                                                  | endpoints?                                |
| gets a certificate that caBundle does not cover  | the TLS error                             |
| finds no address for the name                    | nothing: the scaler's DNS may be at fault |
| succeeds                                         | nothing: the cause is on the API server's |
|                                                  | side                                      |
"""

import socket
import ssl
from urllib.parse import urlsplit

from scaler.certificates.webhook_configuration import Client

_SECONDS = 2.0


def problem(client: Client) -> str | None:
    """Why the scaler cannot connect to the webhook; None: it can, or that is not known."""
    host, port = _address(client)
    if not host:
        return None
    try:
        context = ssl.create_default_context(cadata=(client.ca_bundle or b"").decode() or None)
        with (
            socket.create_connection((host, port), _SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=host),
        ):
            return None
    except socket.gaierror:
        return None
    except ssl.SSLCertVerificationError as e:
        return f"TLS with {host}:{port} fails: {e.verify_message}"
    except (ssl.SSLError, ValueError) as e:
        return f"TLS with {host}:{port} fails: {e}"
    except OSError as e:
        return f"no answer from {host}:{port}, does its Service lack endpoints? {e}"


def _address(client: Client) -> tuple[str, int]:
    if client.service:
        return f"{client.service.name}.{client.service.namespace}.svc", client.service.port
    parts = urlsplit(client.url or "")
    return parts.hostname or "", parts.port or 443
