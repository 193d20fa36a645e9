"""Parses AdmissionReviews and writes the answers: the only place that knows the protocol.

Only the fields that we use are parsed, so additions by a newer API server do no harm. A container's
`resources` stay as they came, unknown keys included: whether a field is absent, null or empty
decides where a patch may write. Never raises: an unreadable review becomes a `Refusal`, with the
request's uid wherever that can still be found, because the API server drops an answer without it.

| input                                        | answer                                 |
| -------------------------------------------- | -------------------------------------- |
| creation of a v1 Pod                         | `Review`                               |
| another operation or kind, or a subresource  | `NotACreation`                         |
| not JSON, not an AdmissionReview, no request | `BadReview`                            |
| no object, or one that is no pod             | `BadReview`                            |
| nested too deeply to be parsed               | `BadReview`, uid from the first bytes, |
|                                              | where Go writes it                     |
| unknown fields anywhere                      | ignored                                |
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from kube.objects import OwnerReference
from webhook.outcome import Outcome

_API_VERSION = "admission.k8s.io/v1"
_KIND = "AdmissionReview"
_LEADING_UID = re.compile(rb'"request":\s?\{\s?"uid":\s?"([0-9a-zA-Z-]{1,64})"')


class _Json(msgspec.Struct, frozen=True, rename="camel"):
    pass


class ResizePolicy(_Json, frozen=True):
    """Of one resource of a container."""

    resource_name: str = ""


class Container(_Json, frozen=True):
    """A container; `resources`, `resize_policy` None: absent or null."""

    name: str
    resources: dict[str, Any] | None = None
    resize_policy: list[ResizePolicy] | None = None
    restart_policy: str | None = None


class Meta(_Json, frozen=True):
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    owner_references: list[OwnerReference] | None = None


class System(_Json, frozen=True):
    name: str = ""


class Spec(_Json, frozen=True):
    containers: list[Container] | None = None
    init_containers: list[Container] | None = None
    resources: dict[str, Any] | None = None
    os: System | None = None
    restart_policy: str | None = None
    node_name: str | None = None
    node_selector: dict[str, str] | None = None
    affinity: msgspec.Raw = msgspec.Raw(b"null")
    """Read only where somebody asks, see selection.py."""


class Pod(_Json, frozen=True):
    """A pod as the API server sends it."""

    metadata: Meta = Meta()
    spec: Spec = Spec()


@dataclass(frozen=True, slots=True)
class Review:
    """The creation of a pod. `namespace` is the request's: the pod's own may be empty then."""

    uid: str
    namespace: str
    dry_run: bool
    pod: Pod


@dataclass(frozen=True, slots=True)
class Refusal:
    """A review that gets no patch; `detail` says where the error is, never the content."""

    uid: str
    outcome: Outcome
    detail: str = ""


class Operation(msgspec.Struct, frozen=True):
    """One step of a JSON patch (RFC 6902)."""

    op: str
    path: str
    value: (
        str | dict[str, str] | list[dict[str, str]] | dict[str, dict[str, str]] | msgspec.UnsetType
    ) = msgspec.UNSET


class _GroupKind(_Json, frozen=True):
    group: str = ""
    version: str = ""
    kind: str = ""


class _Request(_Json, frozen=True):
    uid: str
    kind: _GroupKind = _GroupKind()
    sub_resource: str | None = None
    namespace: str = ""
    operation: str = ""
    dry_run: bool | None = None
    object: msgspec.Raw = msgspec.Raw(b"null")


class _Review(_Json, frozen=True):
    api_version: str
    kind: str
    request: _Request


class _Response(_Json, frozen=True, omit_defaults=True):
    uid: str
    allowed: bool
    patch_type: str | None = None
    patch: bytes | None = None


class _Answer(_Json, frozen=True):
    api_version: str
    kind: str
    response: _Response


_read_review = msgspec.json.Decoder(_Review).decode
_read_pod = msgspec.json.Decoder(Pod).decode


def read(body: bytes) -> Review | Refusal:
    """The review in the body of a request."""
    try:
        review = _read_review(body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as e:
        return Refusal(leading_uid(body), Outcome.BAD_REVIEW, str(e)[:200])
    request = review.request
    if (review.api_version, review.kind) != (_API_VERSION, _KIND):
        return Refusal(request.uid, Outcome.BAD_REVIEW, f"not a {_KIND} of {_API_VERSION}")
    reviewed = request.kind
    if (request.operation, reviewed.group, reviewed.kind) != (
        "CREATE",
        "",
        "Pod",
    ) or request.sub_resource:
        return Refusal(request.uid, Outcome.NOT_A_CREATION)
    try:
        pod = _read_pod(request.object)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as e:
        return Refusal(request.uid, Outcome.BAD_REVIEW, f"object: {str(e)[:200]}")
    return Review(request.uid, request.namespace, request.dry_run is True, pod)


def leading_uid(body: bytes) -> str:
    """The uid of a review that cannot be parsed; "" where it is not found."""
    found = _LEADING_UID.search(body, 0, 4096)
    return found[1].decode() if found else ""


def write(uid: str, operations: Sequence[Operation] = ()) -> bytes:
    """The answer: allowed, always."""
    response = _Response(uid, allowed=True)
    if operations:
        patch = msgspec.json.encode(operations)
        response = _Response(uid, allowed=True, patch_type="JSONPatch", patch=patch)
    return msgspec.json.encode(_Answer(_API_VERSION, _KIND, response))
