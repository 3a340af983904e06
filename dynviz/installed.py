"""Weights that another package brings: a card names the package and the file in it, and nothing is copied.

Published weights exist as ordinary packages, so that they install with everything else and nothing is fetched when
dynviz runs. The package's own code is never imported, its file is held against the checksum on the card, and it is read
without unpickling anything but tensors.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor, nn


class WeightsError(ValueError):
    """Weights that are not there, are others, or do not fit; the message says what to install."""


@dataclass(frozen=True)
class InstalledFile:
    """A file of weights in an installed package.

    package: its name as pip knows it; version: the one that the card was made with. file: path below the folder where
    packages lie, as the package's own list of files has it; a PyTorch file of tensors by name, or .safetensors.
    renamed: pieces of the names of tensors, there -> here, replaced in this order.
    """

    package: str
    version: str
    file: str
    renamed: dict[str, str] = field(default_factory=dict)

    @property
    def install(self) -> str:
        """The command that brings it."""
        return f"pip install {self.package}=={self.version}"

    def path(self) -> Path:
        """Where the file is here. Raises WeightsError where it is not installed."""
        try:
            found = Path(str(metadata.distribution(self.package).locate_file(self.file)))
        except metadata.PackageNotFoundError:
            found = None
        if found is None or not found.is_file():
            raise WeightsError(
                f"needs the weights in the package {self.package!r}, which is not installed here: {self.install}"
            )
        return found

    def read(self, sha256: str | None = None) -> tuple[dict[str, Tensor], str]:
        """(its tensors in float32 under the names here, its checksum). Raises WeightsError where it is not the file of
        checksum ``sha256`` (None: any).
        """
        path = self.path()
        try:
            data = path.read_bytes()
        except OSError as error:
            raise WeightsError(f"cannot read {path} ({error.strerror}); install it again: {self._again}") from error
        found = hashlib.sha256(data).hexdigest()
        if sha256 not in (None, found):
            raise WeightsError(
                f"was made for other weights than {path} holds (another checksum); install those: {self._again}"
            )
        return {self._here(name): value for name, value in _tensors(data, path).items()}, found

    @property
    def _again(self) -> str:
        return self.install.replace("install", "install --force-reinstall --no-deps", 1)

    def _here(self, name: str) -> str:
        for there, here in self.renamed.items():
            name = name.replace(there, here)
        return name


def fill(network: nn.Module, weights: Mapping[str, Tensor]) -> None:
    """Give ``network`` these weights: every tensor it has, by name and shape, and no other. Raises WeightsError."""
    own = network.state_dict()
    other = [name for name in own if name in weights and own[name].shape != weights[name].shape]
    wrong = [f"{name} has another shape" for name in other]
    wrong += [f"{name} is missing" for name in own if name not in weights]
    wrong += [f"{name} is not known" for name in weights if name not in own]
    if wrong:
        more = f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""
        raise WeightsError(f"has weights that do not fit the network: {'; '.join(wrong[:3])}{more}")
    network.load_state_dict(dict(weights))


def _tensors(data: bytes, path: Path) -> dict[str, Tensor]:
    import io

    import torch
    from safetensors.torch import load as parse

    try:
        found = parse(data) if path.suffix == ".safetensors" else torch.load(io.BytesIO(data), "cpu", weights_only=True)
    except Exception as error:  # damaged files raise anything
        raise WeightsError(f"has weights in {path} that cannot be read as tensors by name") from error
    if not isinstance(found, Mapping) or not all(isinstance(value, torch.Tensor) for value in found.values()):
        raise WeightsError(f"has weights in {path} that are no tensors by name")
    return {str(name): value.float() if value.is_floating_point() else value for name, value in found.items()}
