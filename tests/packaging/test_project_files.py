"""What a public project has says what is there, and one version everywhere."""

import configparser
import re
from pathlib import Path

import pytest
import yaml

import kgan

ROOT = Path(__file__).parents[2]
CHECKLISTS = ("CONTRIBUTING.md", "ARCHITECTURE.md")
PACKAGES = {path.parent.name for path in ROOT.glob("kgan/*/__init__.py")}


def paths_in(name):
    """What stands in backquotes and looks like a path in this repository."""
    found = re.findall(r"`([\w./<>-]+)`", (ROOT / name).read_text())
    return [path for path in found if "/" in path or path.endswith((".md", ".cfg"))]


@pytest.mark.parametrize("name", CHECKLISTS)
def test_the_files_that_are_named_exist(name):
    """`<name>` stands for any file of the kind."""
    paths = paths_in(name)
    assert len(paths) > 9
    missing = [path for path in paths if not any(ROOT.glob(path.replace("<name>", "*")))]
    assert missing == []


def test_the_tree_names_every_package():
    named = re.findall(r"`kgan/(\w+)/`", (ROOT / "ARCHITECTURE.md").read_text())
    assert set(named) == PACKAGES


def test_one_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    newest = re.search(r"^## (\d\S*)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)[1]
    assert citation["version"] == newest == kgan.__version__


def test_metadata():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    metadata = setup["metadata"]
    assert metadata["license"] == "Apache-2.0"
    assert (ROOT / metadata["license_files"]).read_text().count("Apache License") >= 2
    assert "tensorflow>=" not in setup["options"]["install_requires"]
    assert "tensorflow>=" in setup["options.extras_require"]["tensorflow"]


@pytest.mark.parametrize(
    "path",
    [".pre-commit-config.yaml", ".github/workflows/ci.yml", *ROOT.glob(".github/ISSUE_TEMPLATE/*")],
    ids=lambda path: Path(path).name,
)
def test_hosted_configuration_is_yaml(path):
    assert isinstance(yaml.safe_load((ROOT / path).read_text()), dict)
