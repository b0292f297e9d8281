"""Every application with a flag that cannot be: one sentence, the right status, nothing written."""

from __future__ import annotations

import functools
from xml.etree import ElementTree

import fuzzing
import hypothesis
import pytest
from hypothesis import strategies as st

from kgan.commands import cli

APPLICATIONS = [*dict.fromkeys(cli.methods()), *cli.COMMANDS]
TRAINING = ("--dataset=ring", "--steps=1", "--noevaluate", "--noexport", "--output_dir=run")
TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=6)


def _no(number):
    """Text that `number` does not take."""

    def wrong(text):
        try:
            return number(text) is None
        except ValueError:
            return True

    return TEXT.filter(wrong) | st.sampled_from(["", "x", "1,2", "--1", "one", "1e", "0x"])


WRONG = {
    "int": _no(lambda text: int(text, 0)) | st.sampled_from(["1.5", "1e3", "nan"]),
    "float": _no(float),
    "bool": TEXT.filter(lambda t: t.lower() not in {"true", "false", "t", "f", "1", "0"}),
    "string enum": TEXT.map(lambda text: f"no_{text}"),
}
# What is wrong by its value, by the flag.
VALUES = {
    "steps": ["0", "-1", "-99999999999999999999"],
    "batch_size": ["0", "-1", "99999999999"],
    "samples": ["0", "1", "-5"],
    "seed": ["-1", "99999999999999"],
    "seeds": ["0", "-1"],
    "jobs": ["0", "-3"],
    "learning_rate": ["0", "-1e-4", "nan"],
    "discriminator_rate": ["0", "-1", "nan"],
    "mode_std": ["0", "-1", "nan", "inf"],
    "mode_variance": ["-0.5", "nan"],
    "mode_weights": ["", "1", "0.5,0.5", "a,b", "1,1,1,1,1,1,1,1", "-1,1,1,0,0,0,0,0"],
    "smallest_weight": ["-1", "0", "2", "nan"],
    "dataset": ["gird", "", "npz", "folder", "ring/2", "../ring", "no_such_set"],
    "data_dir": ["nowhere", "/dev/null", "s3://bucket/data"],
    "output_dir": ["file", "file/run", "gs://bucket/run", "/proc/run"],
    "feature_network": ["nowhere.keras", "file"],
    "ema_decay": ["-1", "0", "1", "2", "nan"],
    "generators": ["0", "-1"],
    "run": ["nowhere", "file", ""],
    "saved_model": ["nowhere", "file"],
    "generator": ["nowhere.keras", "file"],
    "metrics": ["", "fid", "modes,fid"],
    "bench": ["", "rong", "ring,rong"],
    "methods": ["", "gam"],
    "paper": ["", "mgdan"],
}


@pytest.fixture(scope="module")
def flags(commands, tmp_path_factory):
    """By application: its flags and their types, as its own --helpxml tells."""
    logs = tmp_path_factory.mktemp("help")

    @functools.cache
    def of(application):
        _, output = commands.run(f"apps.{application}", "--helpxml", log=logs / application)
        found = ElementTree.fromstring(output[output.index("<?xml") :])
        kinds = {"integer": "int"}
        return {
            flag.findtext("name"): kinds.get(flag.findtext("type"), flag.findtext("type"))
            for flag in found.iter("flag")
            if flag.findtext("key") == "yes"
        }

    return of


def _line(drawn, application, known):
    """A command line with one thing wrong."""
    base = list(TRAINING) if application in cli.methods() else []
    how = drawn.draw(st.sampled_from(["kind", "value", "value", "unknown", "word"]))
    valued = sorted(VALUES.keys() & known.keys())
    kinded = sorted(name for name, kind in known.items() if kind in WRONG)
    if how == "value" and valued:
        name = drawn.draw(st.sampled_from(valued))
        wrong = f"--{name}={drawn.draw(st.sampled_from(VALUES[name]))}"
        if name == "data_dir":
            base = [*base, "--dataset=npz"]
        if name == "feature_network":
            base = [flag for flag in base if flag != "--noevaluate"]
            base += ["--dataset=fashion_mnist"] if application in cli.methods() else []
        return [*base, wrong]
    if how == "kind" and kinded:
        name = drawn.draw(st.sampled_from(kinded))
        return [*base, f"--{name}={drawn.draw(WRONG[known[name]])}"]
    if how == "word" and application != "compare":
        return [*base, drawn.draw(st.sampled_from(["ring", "help", "0"]))]
    return [*base, f"--no_such_flag={drawn.draw(TEXT)}"]


@fuzzing.inputs(120)
@hypothesis.given(st.data())
def test_a_flag_that_cannot_be(commands, flags, tmp_path_factory, drawn):
    application = drawn.draw(st.sampled_from(APPLICATIONS))
    line = _line(drawn, application, flags(application))
    hypothesis.note(f"{application} {line}")
    place = tmp_path_factory.mktemp("place", numbered=True)
    (place / "file").write_text("mine")
    before = fuzzing.digests(place)
    log = place.with_suffix(".log")
    status, output = commands.run(f"apps.{application}", *line, log=log, cwd=place)
    assert status in (1, 2), output
    assert "Traceback" not in output
    assert output.splitlines()[-1].startswith("error: "), output
    assert fuzzing.digests(place) == before
    assert [path.name for path in place.iterdir()] == ["file"]
    fuzzing.COUNTS["refused"] += 1
