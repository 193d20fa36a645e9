"""One workload in one cycle, as the checks of plan.py are asked about it. Pure."""

from enum import Enum

from msgspec import Struct

from scaler.annotations.options import Mode, Settings
from scaler.cluster.view import View
from scaler.planning.context import Context


class Silence(Enum):
    """The answer of a check where nothing is done, and nothing is reported."""

    NOTHING = "nothing"


class PlanCase(Struct, frozen=True):
    """One workload in one cycle."""

    view: View
    context: Context

    @property
    def settings(self) -> Settings | None:
        """What its annotations ask for; None where they ask for nothing, or are malformed."""
        return self.view.settings if isinstance(self.view.settings, Settings) else None

    @property
    def left(self) -> bool:
        """Whether the workload is not, or no longer, enrolled."""
        off = self.settings is not None and self.settings.mode is Mode.OFF
        return off or self.view.settings is None
