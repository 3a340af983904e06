"""What all tests share: the shipped networks and pictures that come inside a wheel."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def pictures() -> list:
    """Real photos of different difficulty, from scikit-image's wheel: (H, W, 3) uint8."""
    from skimage import data

    return [data.chelsea(), data.coffee(), data.astronaut(), data.rocket()]


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The training data, where a machine has it."""
    folder = os.environ.get("DYNVIZ_DATA", "")
    if not folder or not Path(folder).is_dir():
        pytest.skip("needs the data sets: set DYNVIZ_DATA to their folder")
    return Path(folder)
