"""What the root of the project holds: whoever opens it sees these and nothing else."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = {".ci", ".streamlit", "app", "dynviz", "pretrained", "tests"}
FILES = {".gitignore", "LICENSE", "Makefile", "README.md", "pyproject.toml", "requirements.txt"}


def test_nothing_else_lies_in_the_root():
    try:
        listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"what belongs to the project is told by git, which cannot be asked here: {error}")
    assert {path.split("/")[0] for path in listed.splitlines()} == FOLDERS | FILES
