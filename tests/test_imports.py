"""What may import what: arrows point one way, and nothing heavy is loaded before it is needed."""

from __future__ import annotations

import ast
import graphlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HEAVY = (
    "torch",
    "torchvision",
    "captum",
    "streamlit",
    "plotly",
    "skimage",
    "scipy",
    "matplotlib",
    "pandas",
    "av",
    "tifffile",
    "pillow_heif",
)
HEAVY_LATE = ("torch", "torchvision", "captum")
LIBRARY = sorted((ROOT / "dynviz").rglob("*.py"))
APP = sorted((ROOT / "app").rglob("*.py"))

# package or module -> what of dynviz it may import
LAYERS = {
    "dynviz.decisions": (),
    "dynviz.recorder": ("dynviz.decisions",),
    "dynviz.networks": ("dynviz.networks", "dynviz.recorder", "dynviz.decisions", "dynviz.compute", "dynviz.registry"),
    "dynviz.media": ("dynviz.media",),
    "dynviz.views": (
        "dynviz.views",
        "dynviz.trace",
        "dynviz.decisions",
        "dynviz.recorder",
        "dynviz.zoo",
        "dynviz.media",
        "dynviz.results",
    ),
    "dynviz.trace": ("dynviz.trace", "dynviz.decisions", "dynviz.recorder", "dynviz.media"),
    "dynviz.results": ("dynviz.results", "dynviz.zoo", "dynviz.media"),
}
LOADED_WITH_TORCH = (
    "dynviz.networks",
    "dynviz.training",
    "dynviz.datasets",
    "dynviz.compute",
    "dynviz.evaluation.attribution_findings",
    "dynviz.evaluation.beyond_the_curve",
    "dynviz.evaluation.compatibility",
    "dynviz.evaluation.object_findings",
    "dynviz.evaluation.series_findings",
    "dynviz.evaluation.unlike_findings",
    "dynviz.evaluation.noise_findings",
    "dynviz.modalities",
)
TABLES = ("dynviz.networks", "dynviz.modalities", "dynviz.datasets.registry")  # they name things, and import none


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path, *, at_load: bool = False) -> set[str]:
    """Modules that ``path`` imports; ``at_load``: only those imported along with it, not inside functions."""
    found = set()
    for node in _statements(ast.parse(path.read_text()), at_load):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _statements(node: ast.AST, at_load: bool):
    """All of them but those that only a type checker reads."""
    for child in ast.iter_child_nodes(node):
        if at_load and isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            continue
        yield child
        yield from _statements(child, at_load)


def within(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


@pytest.mark.parametrize("path", LIBRARY, ids=module_name)
def test_the_library_knows_nothing_of_streamlit_or_the_app(path):
    assert not [name for name in imported(path) if within(name, ("streamlit", "app", "tests"))]


@pytest.mark.parametrize("path", [p for p in LIBRARY if within(module_name(p), tuple(LAYERS))], ids=module_name)
def test_layers_import_only_what_lies_below_them(path):
    below = next(allowed for package, allowed in LAYERS.items() if within(module_name(path), (package,)))
    ours = {name for name in imported(path) if name.split(".")[0] == "dynviz"}
    assert not [name for name in ours if not within(name, below)]


def dependencies(paths: list[Path]) -> dict[str, set[str]]:
    """Module -> the modules of the same package that it imports, at load or inside a function.

    Who imports ``a.b.c`` runs ``a/b/__init__.py`` as well, unless it lies within ``a.b`` itself.
    """
    modules = {module_name(path): path for path in paths}
    graph = {}
    for name, path in modules.items():
        found = {full if full in modules else full.rpartition(".")[0] for full in imported(path)} & set(modules)
        rooms = {".".join(other.split(".")[:depth]) for other in found for depth in range(2, other.count(".") + 1)}
        graph[name] = (found | {room for room in rooms if not within(name, (room,))}) - {name}
    return graph


@pytest.mark.parametrize("paths", [LIBRARY, APP], ids=["dynviz", "app"])
def test_no_circle_of_imports_at_load_or_later(paths):
    try:
        graphlib.TopologicalSorter(dependencies(paths)).prepare()
    except graphlib.CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_a_circle_through_a_function_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    (tmp_path / "room").mkdir()
    (tmp_path / "room" / "one.py").write_text("from room import two")
    (tmp_path / "room" / "two.py").write_text("def later():\n    from room.one import x")
    with pytest.raises(pytest.fail.Exception, match=r"room\.(one|two) -> room\.(one|two)"):
        test_no_circle_of_imports_at_load_or_later(sorted(tmp_path.rglob("*.py")))


NOT_TORCH = [p for p in LIBRARY + APP if module_name(p) in TABLES or not within(module_name(p), LOADED_WITH_TORCH)]


@pytest.mark.parametrize("path", NOT_TORCH, ids=module_name)
def test_torch_is_loaded_by_networks_and_training_only(path):
    names = {name for name in imported(path, at_load=True) if within(name, (*HEAVY_LATE, *LOADED_WITH_TORCH))}
    assert not names - {f"{TABLES[0]}.NETWORKS", f"{TABLES[0]}.build", f"{TABLES[1]}.MODALITIES"}


@pytest.mark.parametrize(
    "code",
    [
        "import dynviz",
        "import dynviz; dynviz.models()",
        "from dynviz.cli import main; main(['--help'])",
        "from dynviz.cli import main; main(['models', '--json'])",
        "from dynviz.cli import main; main(['run', 'no-such-file.png', '--model', 'no-such-network'])",
    ],
)
def test_nothing_heavy_is_loaded_before_it_is_needed(code):
    code += f"; import sys; print('LOADED', [name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "LOADED []"


def test_the_public_names_are_there():
    import dynviz

    for name in dynviz.__all__:
        assert getattr(dynviz, name) is not None
    assert {"models", "run", "sweep", "Trace", "Sweep", "ModelCard"} <= set(dynviz.__all__)
