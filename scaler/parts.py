"""The parts of the program that its settings shape, each made of those below it."""

from collections.abc import Callable
from dataclasses import replace

from kube import kinds
from kube.gateway import Gateway
from kube.kubelet import KubeletReader
from scaler.agent_port import AgentPort
from scaler.agents.listener import Listener
from scaler.certificates.agents import AgentTrust
from scaler.certificates.keeper import Keeper
from scaler.certificates.trust import Trust
from scaler.cluster.view import View
from scaler.execution import probe_pod
from scaler.loop import Loop
from scaler.node_agents import NodeAgents
from scaler.permissions import Permissions
from scaler.reporting import agent_metrics
from scaler.reporting.reporter import Reporter
from scaler.settings import Settings
from scaler.usage import at_rest
from scaler.usage.poller import Poller
from scaler.usage.scraper import Kubelets, Scrape
from scaler.usage.sources import MetricsApi, Usage
from scaler.wake import Wake
from scaler.watches import Observer


def keeper(
    settings: Settings,
    gateway: Gateway,
    reporter: Reporter,
    is_leader: Callable[[], bool],
    wake: Wake,
) -> Keeper | None:
    """None where no configuration is named: then the certificates are managed elsewhere."""
    if not settings.configuration:
        return None
    expires = reporter.metrics.certificate_expiry.set
    trust = Trust(gateway, settings.trust)
    return Keeper(trust, is_leader, wake.set, expires, clock=gateway.time.now)


def permissions(
    is_leader: Callable[[], bool], keeper: Keeper | None, observer: Observer
) -> Permissions:
    """What has to hold before anything is done. `keeper`: None where it is not ours to know."""
    if keeper is None:
        return Permissions(is_leader)

    def admits(view: View) -> str | None:
        name = view.workload.namespace
        found = observer.namespaces.get(("", name))
        labels = (found.metadata.labels if found else None) or {}
        template = view.owner.spec.template.metadata.labels if view.owner else None
        return keeper.excluded(name, labels, template or {})

    return Permissions(
        is_leader, keeper.problem, admits, lambda: keeper.known, lambda: keeper.repaired
    )


def agents(loop: Loop, gateway: Gateway, is_leader: Callable[[], bool]) -> AgentPort:
    """The port of the node agents; the loop reads what they say."""
    settings, agents = loop.settings, NodeAgents()

    def pressed() -> None:
        agents.pressed.set()
        loop.wake.set()

    listener = Listener(agents.reports, loop.clock, pressed)
    agents.recount = listener.recount
    loop.around.agents = agents
    agent_metrics.register(loop.reporter.metrics.registry, listener)
    names = replace(settings.trust, service=settings.scaler_service).names
    trust = AgentTrust(gateway, settings.agent_trust, names)
    return AgentPort(
        trust, listener, is_leader, settings.bind, settings.agent_port, gateway.time.now
    )


def house(settings: Settings, observer: Observer) -> probe_pod.House:
    """What a probe has to fit into: our own Deployment's namespace and its LimitRanges."""
    own = observer.owners[kinds.DEPLOYMENT.name].get((settings.namespace, settings.deployment))
    ranges = observer.limit_ranges.snapshot().values()
    return probe_pod.house(settings.namespace, ranges, own)


def poller(loop: Loop, api: MetricsApi, gateway: Gateway) -> Poller:
    """What reads usage, each interval, and wakes the loop."""
    settings, observer = loop.settings, loop.observer
    reader = KubeletReader(gateway.trust, verify=settings.kubelet_tls == "verify")
    deadline, rest = min(10.0, 2.0 * settings.interval), at_rest.seconds(settings.interval)
    kubelets = Kubelets(reader, deadline=deadline, rest=rest)

    def done(scrape: Scrape) -> None:
        loop.reporter.metrics.scrape_failures.set(len(scrape.failures))
        if scrape.everyone:
            loop.wake.set()
        else:
            loop.wake.changed()

    return Poller(
        Usage(settings.usage_source, kubelets, api),
        loop.windows,
        lambda: (observer.nodes.snapshot().values(), observer.pods.snapshot().values()),
        loop.clock,
        done,
        settings.interval,
        loop.memory.enrolled,
        lambda: loop.near,
    )
