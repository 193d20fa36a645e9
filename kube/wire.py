"""Lists and watch events as sent by the API server; the objects in them stay undecoded."""

from collections.abc import Iterator

import msgspec

from kube.errors import error_of
from kube.gateway import Gateway
from kube.objects import Meta

_PAGE = "500"  # objects per page of a list


class _ListMeta(msgspec.Struct, rename="camel"):
    resource_version: str = ""
    cont: str = msgspec.field(default="", name="continue")


class _List(msgspec.Struct):
    metadata: _ListMeta
    items: list[msgspec.Raw] | None = None


class _Event(msgspec.Struct):
    type: str
    object: msgspec.Raw


class _Named(msgspec.Struct, rename="camel"):
    """Only what identifies an object, so that one we cannot decode still has a name."""

    name: str = ""
    namespace: str = ""
    resource_version: str = ""


class _Any(msgspec.Struct):
    metadata: _Named


# Made as the module is read, as everywhere (decision 86): a type that several threads use for the
# first time at once may end the process.
_LIST = msgspec.json.Decoder(_List)
_EVENT = msgspec.json.Decoder(_Event)
_ANY = msgspec.json.Decoder(_Any)


def pages(gateway: Gateway, path: str) -> Iterator[tuple[list[msgspec.Raw], str]]:
    """A list's objects and version, page by page, so that only one page is in memory at a time.

    Raises KubeError.
    """
    query = {"limit": _PAGE}
    while True:
        page = _LIST.decode(gateway.get(path, **query))
        yield page.items or [], page.metadata.resource_version
        if not page.metadata.cont:
            return
        query = {"limit": _PAGE, "continue": page.metadata.cont}


def event_of(line: bytes) -> tuple[str, Meta, msgspec.Raw]:
    """Type, name and version, and the object. Raises KubeError for the server's own ERROR event."""
    event = _EVENT.decode(line)
    if event.type == "ERROR":
        raise error_of(200, bytes(event.object))
    named = _ANY.decode(event.object).metadata
    meta = Meta(named.name, named.namespace, resource_version=named.resource_version)
    return event.type, meta, event.object
