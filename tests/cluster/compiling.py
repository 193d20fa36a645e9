"""One run of `go build` with a line of progress every ten seconds."""

import subprocess
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from .pins import Part
from .say import ClusterError, say

_SILENCE_AT_MOST = 10.0  # seconds
_EARLIEST_ESTIMATE = 100  # packages; before that the rate is meaningless


def compile_part(
    go: str, part: Part, binaries: tuple[str, ...], target: Path, environ: Mapping[str, str]
) -> None:
    """Build the named binaries of one part into `target`."""
    packages = [package for package in part.packages if package.rsplit("/", 1)[-1] in binaries]
    environment = {
        **environ,
        "CGO_ENABLED": "0",  # static: no C compiler needed, and the binaries run anywhere
        "GOFLAGS": "",  # a user's own flags would build different binaries under the same key
        "GOWORK": "off",
        "GOTOOLCHAIN": "local",
        **({"GOOS": "linux", "GOARCH": part.architecture} if part.architecture else {}),
    }
    title = f"{part.name} {part.version} {part.architecture}".rstrip()
    say(f"building {title}: {', '.join(binaries)} (once; then cached)")
    tags = f"-tags={','.join(part.tags)}"
    total = len(_run([go, "list", "-deps", tags, *packages], part, environment, 0))
    command = [go, "build", "-v", "-trimpath", "-mod=readonly", "-buildvcs=false", tags]
    command += ["-ldflags", part.linker_flags, "-o", f"{target}/", *packages]
    _run(command, part, environment, total)


def _run(command: list[str], part: Part, environment: dict[str, str], total: int) -> list[str]:
    """Run Go in the part's folder; the lines it printed. `total`: packages expected."""
    lines: list[str] = []
    began = time.monotonic()
    with subprocess.Popen(
        command,
        cwd=part.folder,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        assert process.stdout is not None
        reader = threading.Thread(target=lines.extend, args=(process.stdout,), daemon=True)
        reader.start()
        try:
            while (status := _wait(process)) is None:
                say(_progress(part.name, lines, total, time.monotonic() - began))
        finally:
            process.kill()  # no effect after the end; an interrupted build must not continue
            reader.join()
    if status != 0:
        tail = "".join(lines[-20:])
        raise ClusterError(f"{' '.join(command[:2])} of {part.name} failed:\n{tail}")
    return lines


def _wait(process: "subprocess.Popen[str]") -> int | None:
    try:
        return process.wait(_SILENCE_AT_MOST)
    except subprocess.TimeoutExpired:
        return None


def _progress(name: str, lines: list[str], total: int, elapsed: float) -> str:
    """A rough estimate: packages vary in size, and those in Go's cache are not printed."""
    fetched = sum(line.startswith("go: downloading") for line in lines)
    built = len(lines) - fetched
    if not total:
        return f"{name}: fetching modules ({fetched} so far), {elapsed:.0f} s"
    text = f"{name}: {built} of at most {total} packages, {elapsed:.0f} s"
    if built < _EARLIEST_ESTIMATE:
        return text
    left = elapsed * max(total - built, 0) / built
    return f"{text}, about {left + 10:.0f} s to go"
