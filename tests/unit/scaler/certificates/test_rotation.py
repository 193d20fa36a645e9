"""Hours of renewals and harm, simulated: at no moment does a webhook serve what is not trusted.

Beside the objects there are what makes rotation hard: API servers that see a configuration late,
kubelets that bring a Secret late and each at another time, webhooks that keep a pair which works,
a scaler that dies between any two calls, and people who empty or break the Secrets.
"""

import random
from dataclasses import dataclass, field, replace

import pytest

from scaler.certificates.issuing import Pair, read
from scaler.certificates.options import TrustSettings
from scaler.certificates.renewal import flaw
from scaler.certificates.trust import Trust
from tests.unit.scaler.certificates.trusted import SETTINGS, Cluster

START = 1_800_000_000.0
HOUR = 3600.0
CA, LEAF = SETTINGS.ca_secret, SETTINGS.leaf_secret
SHORT = replace(SETTINGS, ca_lifetime=2400.0, leaf_lifetime=900.0)
LATE = 9.0  # seconds until an API server sees a changed configuration, at most
STEP = 3  # seconds


@dataclass
class Webhook:
    """One replica: its kubelet looks at the Secret every `period` seconds, in its own phase."""

    period: float
    phase: float
    serves: Pair | None = None

    def step(self, now: float, stored: Pair) -> None:
        if (now - self.phase) % self.period >= STEP or stored == self.serves:
            return
        try:
            read(stored)
        except ValueError:
            return  # it keeps the pair that works
        self.serves = stored


@dataclass
class ApiServer:
    """Sees each change of the configuration up to LATE seconds after it."""

    late: float
    seen: list[bytes] = field(default_factory=list)
    coming: list[tuple[float, list[bytes]]] = field(default_factory=list)

    def step(self, now: float, bundles: list[bytes]) -> None:
        if not self.coming or self.coming[-1][1] != bundles:
            self.coming.append((now + self.late, bundles))
        while self.coming and self.coming[0][0] <= now:
            self.seen = self.coming[0][1]
            if len(self.coming) == 1:
                break
            self.coming.pop(0)


class World:
    """Everything, step by step; nothing that is served may be untrusted after any of them."""

    def __init__(self, seed: int, settings: TrustSettings) -> None:
        self.random = random.Random(seed)
        self.now = START
        self.cluster = Cluster()
        self.settings = settings
        self.leaves: set[bytes] = set()
        self.authorities: set[bytes] = set()
        pick = self.random.uniform
        self.webhooks = [Webhook(period, pick(0, period)) for period in (10, 60, 90)]
        self.servers = [ApiServer(pick(0, LATE)) for _ in range(2)]
        Trust(self.cluster, settings).cycle(self.now)
        for one in self.webhooks:
            one.serves = self.stored(LEAF)
        for server in self.servers:
            server.seen = self.cluster.bundles()

    def stored(self, name: str) -> Pair:
        data = self.cluster.data(name)
        return Pair(data.get("tls.crt", b""), data.get("tls.key", b""))

    def run(self, seconds: float, *, harm: float = 0.0, death: float = 0.0) -> None:
        """`harm`: its chance in a cycle; `death`: the scaler's chance to die in it.

        Cycles come each 30 s, and some that something else woke in between.
        """
        for _ in range(int(seconds) // STEP):
            self.now += STEP
            if int(self.now) % 30 == 0 or self.random.random() < 0.05:
                if self.random.random() < harm:
                    self.spoil()
                self.cycle(dies=self.random.random() < death)
            self.look()

    def cycle(self, *, dies: bool = False) -> None:
        self.cluster.left = self.random.randrange(7) if dies else None
        Trust(self.cluster, self.settings).cycle(self.now)
        self.cluster.left = None
        self.leaves.add(self.stored(LEAF).certificate)
        self.authorities.add(self.stored(CA).certificate)

    def spoil(self) -> None:
        """One of the two Secrets loses or breaks its pair; it is seldom both."""
        for name in self.random.choice([[CA], [LEAF], [CA], [LEAF], [CA, LEAF]]):
            data = {key.replace(".", "_"): value for key, value in self.cluster.data(name).items()}
            key = self.random.choice(["", "tls_crt", "tls_key"])
            if not key:
                data = {}
            elif key in data:
                data[key] = self.random.choice([b"", data[key][:99], b"?"])
            self.cluster.set_data(name, **data)

    def look(self) -> None:
        for one in self.webhooks:
            one.step(self.now, self.stored(LEAF))
        for server in self.servers:
            server.step(self.now, self.cluster.bundles())
            for bundle in set(server.seen):
                for one in self.webhooks:
                    self.check(one, bundle)

    _checked: dict[tuple[bytes, bytes], float] = {}

    def check(self, one: Webhook, bundle: bytes) -> None:
        assert one.serves is not None
        known = (one.serves.certificate, bundle)
        if known not in self._checked:
            told = flaw(one.serves, bundle, self.settings.names, self.now)
            assert told is None, f"{told} at {self.now - START:.0f} s"
            self._checked[known] = read(one.serves).ends
        assert self.now < self._checked[known], f"it has ended at {self.now - START:.0f} s"


@pytest.mark.parametrize("seed", range(2))
def test_renewals_never_break_trust(seed: int) -> None:
    world = World(seed, SHORT)
    world.run(2 * HOUR)
    assert len(world.leaves) > 10 and len(world.authorities) > 4


@pytest.mark.parametrize("seed", range(4))
def test_a_scaler_that_dies_between_any_two_calls_breaks_nothing(seed: int) -> None:
    world = World(seed, SHORT)
    world.run(2 * HOUR, death=0.6)
    assert len(world.authorities) > 3


@pytest.mark.parametrize("seed", range(6))
def test_secrets_that_users_break_are_repaired_and_trust_never_breaks(seed: int) -> None:
    world = World(seed, replace(SHORT, leaf_lifetime=1200.0))
    world.run(1.5 * HOUR, harm=0.05, death=0.2)
    assert len(world.authorities) > 3


@pytest.mark.parametrize("seed", range(2))
def test_after_the_last_harm_nothing_more_is_written(seed: int) -> None:
    world = World(seed, SETTINGS)
    world.run(HOUR, harm=0.1, death=0.3)
    world.run(600)
    world.cluster.writes.clear()
    world.run(HOUR)
    assert world.cluster.writes == []
    assert world.cluster.bundles() == [world.stored(CA).certificate] * 2
