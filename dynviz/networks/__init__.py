"""The networks, one file each. This table is the only place that names them; importing it imports no network."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import nn

NETWORKS: dict[str, str] = {
    "resnet": "dynviz.networks.static.resnet:ResNet",
    "lstm": "dynviz.networks.static.lstm:LSTMReader",
    "early-reader": "dynviz.networks.temporal_wise.early_reader:EarlyReader",
    "cascade": "dynviz.networks.sample_wise.cascade:Cascade",
    "msdnet": "dynviz.networks.sample_wise.msdnet:MSDNet",
}


def build(network: str, arguments: dict[str, Any]) -> nn.Module:
    """An untrained network from its name and the constructor arguments that its card holds.

    Networks of other packages register under the entry-point group ``dynviz.networks``.
    Raises KeyError for an unknown name.
    """
    if network in NETWORKS:
        module, _, attribute = NETWORKS[network].partition(":")
        constructor = getattr(import_module(module), attribute)
    else:
        found = {entry.name: entry for entry in entry_points(group="dynviz.networks")}
        if network not in found:
            known = ", ".join(sorted({*NETWORKS, *found}))
            raise KeyError(f"no network is called {network!r}; known: {known}")
        constructor = found[network].load()
    return constructor(**arguments)
