"""A process that is killed while it writes: the file is readable, and lacks at most that minute."""

import subprocess
import sys
from pathlib import Path

from scaler.history import file

ROOT = Path(__file__).parents[4]


def test_a_file_is_readable_after_each_of_a_hundred_kills_and_lacks_no_minute_that_was_written(
    tmp_path: Path,
) -> None:
    path = str(tmp_path / "history")
    command = [sys.executable, "-m", "tests.unit.scaler.history.killing", path, "100"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not Path(path + file.ASIDE).exists()
