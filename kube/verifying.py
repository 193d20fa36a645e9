"""How the certificates of a cluster are verified: as every other client of it does.

From Python 3.13 on, `ssl` asks more of an authority than RFC 5280's readers in Go do: its
certificate has to say for what its key is used, and which key signed it. Clusters made years ago
have authorities that say neither, live for ten years and cannot be exchanged in passing; kubectl
and the kubelets take them. Signatures, dates, names and the chain are verified as ever.
"""

import ssl

import urllib3
from urllib3 import connection, connectionpool
from urllib3.util import ssl_


def as_clusters_are(context: ssl.SSLContext) -> ssl.SSLContext:
    """The same context, without that demand."""
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


class _Connection(connection.HTTPSConnection):
    """Each with a context of its own: urllib3 reads the authorities into it at each connection.

    That changes the context, and one that another thread shakes hands with meanwhile ends the
    process (OpenSSL, segmentation fault).
    """

    def connect(self) -> None:
        """As ever, verified like this."""
        wanted = ssl_.resolve_cert_reqs(self.cert_reqs)
        context = as_clusters_are(ssl_.create_urllib3_context(cert_reqs=wanted))
        if not self.ca_certs:  # urllib3 does so only for contexts that it has made itself
            context.load_default_certs()
        self.ssl_context = context
        super().connect()


class _Connections(connectionpool.HTTPSConnectionPool):
    ConnectionCls = _Connection


def install(pools: urllib3.PoolManager) -> None:
    """Let all connections of the manager verify like this."""
    pools.pool_classes_by_scheme = {**pools.pool_classes_by_scheme, "https": _Connections}
