"""What all tests share: the shipped networks and pictures that come inside a wheel."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Which tests stay in one process under ``pytest -n``, the longest first.

    The browser tests share one app and one browser. Checks of a network are together, so that it is loaded once, and
    so are the tests of a file, which share what they made.
    """
    items.sort(key=_rank)
    for item in items:
        card = getattr(item, "callspec", None) and item.callspec.params.get("card")
        where = "browser" if item.get_closest_marker("browser") else item.nodeid.partition("::")[0]
        item.add_marker(pytest.mark.xdist_group(f"network {card.name}" if hasattr(card, "name") else where))


def _rank(item: pytest.Item) -> int:
    return 0 if item.get_closest_marker("browser") else 1 if item.get_closest_marker("slow") else 2


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
