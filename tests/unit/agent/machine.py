"""A node's /sys/devices in a folder, as the kernel lays it out."""

from pathlib import Path


class Machine:
    """`cpus`, `platform`: what is mounted at /sys/devices/system/cpu and /sys/devices/platform."""

    def __init__(self, root: Path) -> None:
        self.cpus, self.platform = root / "system" / "cpu", root / "platform"
        for folder in (self.cpus / "cpufreq", self.cpus / "cpu0", self.platform):
            folder.mkdir(parents=True)
        for name in ("online", "possible", "cpufreq/boost"):
            (self.cpus / name).write_text("0-1\n")

    def clock(self, policy: int, now: int, allowed: int = 1500, highest: int = 1500) -> None:
        """Of the CPUs of a policy, in MHz."""
        folder = self.cpus / "cpufreq" / f"policy{policy}"
        folder.mkdir(exist_ok=True)
        for name, value in (
            ("scaling_cur_freq", now),
            ("scaling_max_freq", allowed),
            ("cpuinfo_max_freq", highest),
        ):
            (folder / name).write_text(f"{value * 1000}\n")

    def throttled(self, cpu: int, core: int, package: int) -> None:
        """How often so far, by what one CPU has counted."""
        folder = self.cpus / f"cpu{cpu}" / "thermal_throttle"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "core_throttle_count").write_text(f"{core}\n")
        (folder / "package_throttle_count").write_text(f"{package}\n")

    def firmware(self, bits: int) -> None:
        """What a Raspberry Pi's says."""
        folder = self.platform / "soc" / "soc:firmware"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "get_throttled").write_text(f"{bits:x}\n")
