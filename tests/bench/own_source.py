"""Go programs of our own, built in the test cluster's cache: the key is a hash of their source."""

import hashlib
import os
from pathlib import Path

from tests.cluster.pins import Part


class OwnSource(Part):
    """A program from a folder beside this file; a subclass says which."""

    FOLDER = ""

    @property
    def folder(self) -> Path:
        """Where its module is."""
        return Path(__file__).parent / self.FOLDER

    @property
    def linker_flags(self) -> str:
        """No symbols: nobody debugs it."""
        return "-s -w"

    @property
    def key(self) -> str:
        """A hash of all of its files, and of the machine's architecture."""
        digest = hashlib.sha256(os.uname().machine.encode())
        for path in sorted(p for p in self.folder.rglob("*") if p.is_file()):
            digest.update(path.read_bytes())
        return digest.hexdigest()[:16]
