"""What agents have sent since the start, counted for the metrics."""

from dataclasses import dataclass


@dataclass
class Tally:
    """`unasked`: about containers that do not count. `late`: too late to say anything of now."""

    pinned: int = 0
    unasked: int = 0
    late: int = 0
    malformed: int = 0
    refused: int = 0
