"""Which answers of the API server are somebody's refusal, and in which words."""

import pytest

from kube.errors import (
    Conflict,
    Forbidden,
    Gone,
    Invalid,
    KubeError,
    NotFound,
    TooMany,
    Unreachable,
)
from scaler.execution import refusal


class TestWords:
    REFUSED = (
        Forbidden(403, "Forbidden", "admission policy 'house' denied request: keep off"),
        Invalid(422, "Invalid", "spec: Forbidden"),
        KubeError(418, "", "I am a teapot"),
        Unreachable(500, "InternalError", 'failed calling webhook "a.b": no endpoints'),
        TooMany("TooManyRequests", 'admission webhook "a.b" denied the request', 1.0),
    )
    PASSES = (
        NotFound(404, "NotFound", "gone"),
        Conflict(409, "Conflict", "modified"),
        Gone(410, "Expired", "old"),
        TooMany("TooManyRequests", "busy", 1.0),
        Unreachable(0, "Timeout", "no answer"),
    )

    @pytest.mark.parametrize("error", REFUSED)
    def test_of_a_refusal(self, error: KubeError) -> None:
        assert refusal.words(error) == error.message

    @pytest.mark.parametrize("error", PASSES)
    def test_of_what_passes(self, error: KubeError) -> None:
        assert refusal.words(error) is None
