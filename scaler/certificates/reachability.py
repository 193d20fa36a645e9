"""Why does the API server not reach the webhook? Tried from here, as it would try it.

The API server lets pods pass without a word where it cannot ask. What is in its way mostly is in
ours too: so the same name is connected to, with the trust that the configuration gives.

| from here                                        | is told as                                |
| ------------------------------------------------ | ----------------------------------------- |
| refused, or no answer in two seconds             | nobody serves it: no endpoints?           |
| a certificate that the caBundle does not cover   | TLS, with what is wrong                   |
| the name is unknown here                         | nothing: that may be our own trouble      |
| all is well                                      | nothing: it lies at the API server's end  |
"""

import socket
import ssl
from urllib.parse import urlsplit

from scaler.certificates.webhook_configuration import Client

_SECONDS = 2.0


def trouble(client: Client) -> str | None:
    """What is wrong on the way to the webhook; None: nothing that is seen from here."""
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
        return f"nobody serves {host}:{port}, has its Service no endpoints? {e}"


def _address(client: Client) -> tuple[str, int]:
    if client.service:
        return f"{client.service.name}.{client.service.namespace}.svc", client.service.port
    parts = urlsplit(client.url or "")
    return parts.hostname or "", parts.port or 443
