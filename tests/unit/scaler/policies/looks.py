"""A container and what is known of its usage, for the policies alone: no workload, no pods."""

from typing import Any

from msgspec.structs import replace

from scaler.annotations.options import ContainerPolicy
from scaler.policies.policy import Container, PodMinute, Usage
from scaler.policies.table import NAMES
from scaler.usage.window import Minute, NoMinute
from store.model import Size
from store.reasons import Reason
from tests.unit.scaler.builders import MI, NGINX, NOW, size


def one(*cpu: int | None) -> Size:
    """That request and limit of CPU, in millicores; memory as the thesis's container has it."""
    return size((cpu[0], cpu[1]))


def container(has: Size = NGINX["nginx"], **options: Any) -> Container:
    """Its CPU; the manifest gave it the same."""
    return Container("nginx", "cpu", has, has, ContainerPolicy(NAMES.default, **options))


def minute(used: float | Reason) -> Minute | NoMinute:
    """A minute's mean in millicores, or why there is none."""
    if isinstance(used, Reason):
        return NoMinute(used, f"because of {used}")
    return Minute(used, 60.0, 50 * MI, NOW)


def usage(*used: float | Reason, **more: Any) -> Usage:
    """What each pod used, or why that is not known; no container is young."""
    minutes = [minute(u) for u in used]
    pods = [PodMinute(m) for m in minutes]
    return replace(Usage(NOW, minutes, pods), **more)
