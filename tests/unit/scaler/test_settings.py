"""The scaler's settings from the environment."""

import pytest

from kube.environment import SettingsError
from scaler import recording
from scaler.history.joined import JoinedHistory
from scaler.settings import Settings, from_env


def test_settings_are_named_by_the_paths_of_the_chart() -> None:
    got = from_env({"PODTAILOR_SCALER_INTERVAL": "9", "PODTAILOR_POLICY_CPUMAX": "1500m"})
    assert (got.interval, got.cpu_max, got.dry_run) == (9, 1500, False)


def test_the_share_that_counts_as_quiet_is_far_from_a_doubling() -> None:
    given = {"PODTAILOR_POLICY_HALVE_QUIET": "600", "PODTAILOR_POLICY_HALVE_BELOW": "44"}
    got = from_env(given)
    assert (got.halve_quiet, got.halve_below) == (600, 44)
    with pytest.raises(SettingsError, match="from 1 to 44"):
        from_env({**given, "PODTAILOR_POLICY_HALVE_BELOW": "45"})


def test_a_server_for_the_history_is_read_beside_a_file_or_without_one() -> None:
    assert recording.past_of(Settings()) is None
    got = from_env({"PODTAILOR_SCALER_HISTORY_URL": "http://prometheus:9090"})
    past = recording.past_of(got)
    assert isinstance(past, JoinedHistory) and past.there and past.path == ""
    kept = from_env({"PODTAILOR_SCALER_HISTORY_PATH": "/data"})
    assert not isinstance(recording.past_of(kept), JoinedHistory)


def test_the_file_of_the_history_has_room_for_one() -> None:
    got = from_env(
        {"PODTAILOR_SCALER_HISTORY_PATH": "/data", "PODTAILOR_SCALER_HISTORY_SIZE": "1Gi"}
    )
    assert (str(got.history_path), got.history_size) == ("/data", 2**30)
    with pytest.raises(SettingsError, match="less than 16Mi"):
        from_env({"PODTAILOR_SCALER_HISTORY_SIZE": "1Mi"})
    with pytest.raises(SettingsError, match="not an absolute path"):
        from_env({"PODTAILOR_SCALER_HISTORY_PATH": "data"})
