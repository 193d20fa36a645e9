"""The cluster's certificates: a CA, a certificate for each component, kubeconfigs with them.

They exist only as long as the cluster. A certificate is created once and kept, so that a restarted
component comes back with the key that the others know.
"""

import base64
import json
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from . import files
from .certificates import Subject, sign

_SECRET = 0o600


class Authority:
    """A CA in `folder`, created on first use."""

    def __init__(self, folder: Path, name: str = "ca") -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder
        self.certificate_path = folder / f"{name}.crt"
        self.key_path = folder / f"{name}.key"
        if not self.certificate_path.exists():
            key = ec.generate_private_key(ec.SECP256R1())
            subject = Subject(f"podtailor-test-{name}")
            files.write(self.key_path, _pem(key), _SECRET)
            own = sign(subject, key.public_key(), None, key)
            files.write(self.certificate_path, own.public_bytes(serialization.Encoding.PEM))
        self._certificate = x509.load_pem_x509_certificate(self.certificate_path.read_bytes())
        self._key = private_key(self.key_path)

    def leaf(self, name: str, subject: Subject) -> tuple[Path, Path]:
        """Paths of certificate and key, created if they do not exist."""
        certificate, key = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        if not certificate.exists():
            own = private_key(key)
            made = sign(subject, own.public_key(), self._certificate, self._key)
            files.write(certificate, made.public_bytes(serialization.Encoding.PEM))
        return certificate, key

    def kubeconfig(self, path: Path, server: str, subject: Subject) -> Path:
        """A self-contained kubeconfig for that user."""
        certificate, key = self.leaf(path.stem, subject)
        cluster = {
            "server": server,
            "certificate-authority-data": _base64(self.certificate_path),
        }
        user = {
            "client-certificate-data": _base64(certificate),
            "client-key-data": _base64(key),
        }
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "podtailor-test", "cluster": cluster}],
            "users": [{"name": subject.name, "user": user}],
            "contexts": [
                {"name": "default", "context": {"cluster": "podtailor-test", "user": subject.name}}
            ],
            "current-context": "default",
        }
        files.write(path, json.dumps(config, indent=1), _SECRET)
        return path


def private_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """The key at that path, created on first use."""
    if not path.exists():
        files.write(path, _pem(ec.generate_private_key(ec.SECP256R1())), _SECRET)
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


def public_key(path: Path, key: ec.EllipticCurvePrivateKey) -> Path:
    """Write the public key (for the API server, which verifies service-account tokens)."""
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    files.write(path, key.public_key().public_bytes(encoding, form))
    return path


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _base64(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()
