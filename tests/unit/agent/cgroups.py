"""Cgroups in a folder, as both versions lay them out."""

from pathlib import Path

POD = "97038060-e58d-4392-8ce8-f49b3dc96fc7"
SLICE = f"kubepods-burstable-pod{POD.replace('-', '_')}.slice"


class Node:
    """The machine's /sys/fs/cgroup."""

    def __init__(self, root: Path, version: int) -> None:
        self.root, self.version = root, version
        if version == 2:
            (root / "cgroup.controllers").write_text("cpu memory\n")
        else:
            for name in ("cpu", "cpuacct", "memory"):
                (root / name).mkdir()

    def path(self, container: str, pod: str = POD) -> str:
        """A container's, below the hierarchies."""
        if self.version == 2:
            name = f"kubepods-burstable-pod{pod.replace('-', '_')}.slice"
            return (
                f"kubepods.slice/kubepods-burstable.slice/{name}/cri-containerd-{container}.scope"
            )
        return f"kubelet/kubepods/burstable/pod{pod}/{container}"

    def write(self, container: str, cpu: int, *, limit: int | None = 500, **more: int) -> None:
        """`cpu`: microseconds; `limit`: millicores; more: periods, throttled, kills."""
        periods, throttled = more.get("periods", 0), more.get("throttled", 0)
        stat = f"nr_periods {periods}\nnr_throttled {throttled}\n"
        if self.version == 2:
            quota = "max" if limit is None else str(limit * 100)
            self._file("", container, "cpu.stat", f"usage_usec {cpu}\n{stat}")
            self._file("", container, "cpu.max", f"{quota} 100000\n")
            self._file("", container, "memory.events", f"oom_kill {more.get('kills', 0)}\n")
            return
        self._file("cpu", container, "cpu.stat", stat)
        self._file("cpu", container, "cpu.cfs_quota_us", f"{-1 if limit is None else limit * 100}")
        self._file("cpu", container, "cpu.cfs_period_us", "100000\n")
        self._file("cpuacct", container, "cpuacct.usage", f"{cpu * 1000}\n")
        kills = f"oom_kill_disable 0\nunder_oom 0\noom_kill {more.get('kills', 0)}\n"
        self._file("memory", container, "memory.oom_control", kills)

    def remove(self, container: str) -> None:
        """Its container has ended."""
        for base in ("", "cpu", "cpuacct", "memory"):
            folder = self.root / base / self.path(container)
            for file in folder.glob("*"):
                file.unlink()
            if folder.exists():
                folder.rmdir()

    def _file(self, base: str, container: str, name: str, text: str) -> None:
        folder = self.root / base / self.path(container)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
