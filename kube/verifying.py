"""Verifies the cluster's certificates exactly as strictly as every other client of it does.

Since Python 3.13, `ssl` demands more of a certificate authority than Go's implementation of
RFC 5280: the key usage and the authority key identifier. Clusters created years ago have CA
certificates without them, valid for ten years and hard to replace; kubectl and the kubelets accept
them. Signatures, dates, names and the chain are verified as usual.
"""

import ssl

import urllib3
from urllib3 import connection, connectionpool
from urllib3.util import ssl_


def as_clusters_are(context: ssl.SSLContext) -> ssl.SSLContext:
    """The same context, without those demands."""
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


class _Connection(connection.HTTPSConnection):
    """A connection with an SSL context of its own.

    urllib3 loads the CA certificates into the context at each connection. Changing a context while
    another thread performs a handshake with it crashes the process (OpenSSL, segmentation fault).
    """

    def connect(self) -> None:
        """Connect as usual, verified by that context."""
        wanted = ssl_.resolve_cert_reqs(self.cert_reqs)
        context = as_clusters_are(ssl_.create_urllib3_context(cert_reqs=wanted))
        if not self.ca_certs:  # urllib3 does so only for contexts that it has created itself
            context.load_default_certs()
        self.ssl_context = context
        super().connect()


class _Connections(connectionpool.HTTPSConnectionPool):
    ConnectionCls = _Connection


def install(pools: urllib3.PoolManager) -> None:
    """Let all connections of the pool manager verify like this."""
    pools.pool_classes_by_scheme = {**pools.pool_classes_by_scheme, "https": _Connections}
