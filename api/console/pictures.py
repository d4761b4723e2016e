"""The network of one expert as documents of their own: the page shows them in a sandboxed frame or as a plain image."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response

from api.deps import Open, SignedIn
from api.questions import LONGEST_ID
from queries.networks import Network, collaboration_network
from viz.network import network_html, network_svg

router = APIRouter()

# What an eye can follow in a frame of the page; the HTTP interface gives more.
NODES_SHOWN = 60

Identifier = Annotated[str, Path(min_length=1, max_length=LONGEST_ID)]


@router.get("/experts/{id}/network.html")
def interactive(held: Open, _session: SignedIn, id: Identifier) -> Response:
    """The picture that can be moved and asked, with the policy that names its own scripts."""
    network = collaboration_network(held.store.database, id=id, steps=1, limit=NODES_SHOWN)
    document = network_html(network, title=_title(network))
    headers = {"Content-Security-Policy": document.csp, "X-Frame-Options": "SAMEORIGIN"}
    return Response(document.html, media_type="text/html; charset=utf-8", headers=headers)


@router.get("/experts/{id}/network.svg")
def still(held: Open, _session: SignedIn, id: Identifier) -> Response:
    """The same picture for pages without JavaScript, and for printing."""
    network = collaboration_network(held.store.database, id=id, steps=1, limit=NODES_SHOWN)
    headers = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'self'"}
    return Response(network_svg(network, title=_title(network)), media_type="image/svg+xml", headers=headers)


def _title(network: Network) -> str:
    names = [node.label for node in network.nodes if node.id == network.centre]
    return f"{names[0]}的合作网络" if names else "合作网络"
