"""Names of processor architectures, as Debian, Go and images have them."""

import platform

_NAMES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm"}
NATIVE = _NAMES.get(platform.machine(), platform.machine())
"""This machine's."""
