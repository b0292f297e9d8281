"""What a public project has says what is there, and one version everywhere."""

import configparser
import json
import re
from pathlib import Path

import pytest
import yaml

import kgan
from kgan.commands import cli

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


def test_the_dockerfile_copies_what_is_there_and_runs_a_command_that_is():
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    copied = [word for line in lines if line.startswith("COPY ") for word in line.split()[1:-1]]
    assert copied and all((ROOT / name).exists() and f"!{name}" in ignored for name in copied)
    (told,) = [line for line in lines if line.startswith("CMD ")]
    words = json.loads(told.removeprefix("CMD "))
    assert words[0] in cli.methods() and "--dataset=grid" in words
    (image,) = [line for line in lines if line.startswith("FROM ")]
    assert (
        f"Python :: {re.search(r'python:(3.[0-9]+)', image)[1]}" in (ROOT / "setup.cfg").read_text()
    )


def test_the_hosted_workflow_runs_what_ci_runs_on_each_python():
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
    run = workflow["jobs"]["run"]
    assert [step["run"] for step in run["steps"] if "run" in step] == [".ci/run"]
    setup = (ROOT / "setup.cfg").read_text()
    assert run["strategy"]["matrix"]["python"] == re.findall(r"Python :: (3\.\d+)$", setup, re.M)
