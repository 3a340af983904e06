"""The README tells the truth: its table is what the command prints, its files exist, its code runs as it stands.

``python -m tests.test_readme`` writes the table anew.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image
from skimage import data

import dynviz
from dynviz import zoo
from dynviz.cli import main
from dynviz.evaluation import publishing
from dynviz.training import loop
from tests.tiny import CLASSES, tiny_msdnet, write_everyday30

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
TABLE = re.compile(r"(?<=<!-- models:begin -->\n).*?(?=<!-- models:end -->)", re.DOTALL)


def printed_table() -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        main(["models"])
    return out.getvalue()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


def block_with(part: str, language: str = "python") -> str:
    (found,) = (block for block in blocks(language) if part in block)
    return found


@pytest.fixture
def shipped(monkeypatch):
    monkeypatch.delenv("DYNVIZ_PRETRAINED", raising=False)
    if not dynviz.models():
        pytest.skip("no network is shipped in pretrained/ yet")
    if missing := zoo.unusable():
        pytest.skip(f"not every shipped network can be used here: {next(iter(missing.values()))}")


def test_the_table_is_what_the_command_prints(shipped):
    assert TABLE.search(README.read_text(encoding="utf-8"))[0] == printed_table()


def test_the_files_it_names_exist():
    text = README.read_text(encoding="utf-8")
    named = re.findall(r'(?:src|srcset)="([^"]+)"', text) + re.findall(
        r"`((?:dynviz|app|tests|pretrained)/[^`]*)`", text
    )
    assert len(named) >= 5
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_its_commands_exist():
    verbs = set(re.findall(r"^dynviz (\w+)", "".join(blocks("sh")), re.MULTILINE))
    assert {"models", "run", "sweep", "evaluate", "app"} <= verbs
    for verb in verbs:
        with contextlib.redirect_stdout(io.StringIO()) as out:
            assert main([verb, "--help"]) == 0
        assert "Usage" in out.getvalue()


def test_its_python_example_runs(shipped, monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(data.chelsea()).save("cat.jpg")
    exec(compile(block_with("trace.save("), "README.md", "exec"), {})
    assert dynviz.Trace.load("cat.trace").model == "msdnet"
    assert "MACs" in capsys.readouterr().out


def test_its_example_of_a_text_runs(shipped, capsys):
    exec(compile(block_with("early-reader-imdb"), "README.md", "exec"), {})
    assert capsys.readouterr().out.startswith("stop after")


def test_a_network_that_is_only_recorded(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(data.chelsea()).save("cat.jpg")
    exec(compile(block_with("dynviz.record("), "README.md", "exec"), {})
    assert dynviz.Trace.load("mine.trace").macs == 1_000_000


def test_a_network_registered_by_another_package(monkeypatch, tmp_path):
    """The package that the README describes, put on the path as pip would install it."""
    package, info = tmp_path / "site" / "mypackage", tmp_path / "site" / "mypackage-1.0.dist-info"
    package.mkdir(parents=True)
    info.mkdir()
    (package / "__init__.py").touch()
    (package / "two_exits.py").write_text(block_with("class TwoExits"))
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: mypackage\nVersion: 1.0\n")
    (entry,) = re.findall(r'two-exits = "(.+)"', block_with("entry-points", "toml"))
    (info / "entry_points.txt").write_text(f"[dynviz.networks]\ntwo-exits = {entry}\n")
    monkeypatch.syspath_prepend(tmp_path / "site")
    monkeypatch.setenv("DYNVIZ_DATA", str(write_everyday30(tmp_path / "data")))
    monkeypatch.setenv("DYNVIZ_PRETRAINED", str(tmp_path / "zoo"))
    monkeypatch.chdir(tmp_path)

    small = tiny_msdnet()  # the recipe as it stands, but for tiny pictures and an epoch
    settings = {name: getattr(small, name) for name in ("in_side_px", "batch", "sides_px")} | {"epochs": 1}
    fit, publish, threads = loop.fit, publishing.publish, torch.get_num_threads()

    def shrunk(recipe):
        return replace(recipe, arguments={"classes": len(CLASSES), "in_size": 32}, **settings)

    monkeypatch.setattr(loop, "fit", lambda recipe, folder: fit(shrunk(recipe), folder, report=lambda line: None))
    monkeypatch.setattr(publishing, "publish", lambda recipe, network: publish(shrunk(recipe), network))
    try:
        exec(compile(block_with("\nrecipe = Recipe("), "README.md", "exec"), {})
    finally:
        torch.set_num_threads(threads)
    network, batch = zoo.load("two-exits"), torch.randn(8, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    sure = network(batch, setting=dynviz.Setting(forced={"heads.0": "exit"})).softmax(dim=1).amax(dim=1)
    some = dynviz.Setting(thresholds=(float(sure.median()), 0.0))  # a part of the batch goes on
    alone = torch.cat([network(one[None], setting=some) for one in batch])
    torch.testing.assert_close(network(batch, setting=some), alone, atol=1e-4, rtol=1e-4)
    picture = data.chelsea()
    sweep = dynviz.sweep("two-exits", picture)
    assert sweep.budgets
    for budget, told in zip(sweep.budgets, sweep.traces, strict=True):
        ran = dynviz.run("two-exits", picture, budget=budget)
        assert ran.macs == told.macs
        assert [d.choice for d in ran.decisions] == [d.choice for d in told.decisions]


if __name__ == "__main__":
    os.environ.pop("DYNVIZ_PRETRAINED", None)
    README.write_text(TABLE.sub(lambda _: printed_table(), README.read_text(encoding="utf-8")), encoding="utf-8")
