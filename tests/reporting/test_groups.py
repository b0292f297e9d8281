import json

import numpy as np
import pytest

from kgan.errors import InputError, RunError
from kgan.reporting.groups import different_flags, read_groups, same_flags
from kgan.reporting.sections.scores import NOTHING


def told(groups):
    return [(group.label, group.seeds) for group in groups]


def test_runs_that_differ_by_seed_are_one_group(point_run, sibling):
    runs = [point_run, *(sibling(point_run, f"run{n}", {"seed": n}) for n in (9, 8))]
    (group,) = read_groups(runs)
    assert (group.label, group.seeds) == ("MD-GAN", "seeds 7 to 9")
    assert [run.path.name for run in group.runs] == ["points", "run8", "run9"]
    assert different_flags([group]) == []


def test_other_flags_make_other_groups_and_their_names(point_run, sibling):
    more = sibling(point_run, "more", {"components": 12})
    later = sibling(point_run, "later", {"seed": 11})
    gan = sibling(point_run, "gan", {"seed": 3, "components": None, "steps": 900}, method="gan")
    groups = read_groups([gan, point_run, more, later, more / ".." / "more"])
    assert told(groups) == [
        *(
            ("GAN", "seed 3"),
            ("MD-GAN components=8", "seeds 7, 11"),
            ("MD-GAN components=12", "seed 7"),
        )
    ]
    assert different_flags(groups) == [
        ("components", [NOTHING, "8", "12"]),
        ("steps", ["900", "400", "400"]),
    ]
    shared = dict(same_flags(groups))
    assert shared["git revision"] == "0123456789ab"
    assert not {"seed", "components", "evaluate"} & shared.keys()


def test_the_same_seed_twice_is_told_apart_by_revision_or_directory(point_run, sibling):
    new = sibling(point_run, "new", {}, git_revision="feed")
    new8 = sibling(point_run, "new8", {"seed": 8}, git_revision="feed")
    groups = read_groups([point_run, new, new8])
    assert [group.seeds for group in groups] == ["seed 7", "seeds 7, 8"]
    assert len({group.label for group in groups}) == 2
    assert dict(different_flags(groups))["git revision"] == ["0123456789ab", "feed"]
    copy = sibling(point_run, "copy", {})
    labels = [group.label for group in read_groups([point_run, copy])]
    assert [label.endswith(("points)", "copy)")) for label in labels] == [True, True]
    assert labels[0] != labels[1]


def test_other_data_are_refused(point_run, image_run, sibling):
    with pytest.raises(InputError, match=r"same data.*grid in .*points, toy_images in .*images"):
        read_groups([point_run, image_run])
    wider = sibling(point_run, "wider", {"mode_std": 0.07})
    path = wider / "samples" / "real.npz"
    with np.load(path) as file:
        arrays = dict(file)
    np.savez(path, **{**arrays, "std": np.full(4, 0.07)})
    with pytest.raises(InputError, match=r"grid of 4 modes with std 0\.05.*std 0\.07"):
        read_groups([point_run, wider])
    np.savez(path, **{**arrays, "weights": np.array([0.7, 0.1, 0.1, 0.1])})
    with pytest.raises(InputError, match=r"weights 0\.1 to 0\.7"):
        read_groups([point_run, wider])
    path.unlink()
    assert len(read_groups([point_run, wider])) == 2, "what data they are cannot be told"


def test_too_few_or_no_runs(point_run, tmp_path):
    with pytest.raises(InputError, match=r"at least two.*points"):
        read_groups([point_run, point_run])
    with pytest.raises(InputError, match="Received: none"):
        read_groups([])
    with pytest.raises(RunError, match="absent"):
        read_groups([point_run, tmp_path / "absent"])


def test_a_configuration_without_flags_is_read(point_run, sibling):
    bare = sibling(point_run, "bare", {})
    (bare / "config.json").write_text(json.dumps({"method": "gan", "dataset": "grid"}))
    assert told(read_groups([point_run, bare])) == [
        ("MD-GAN", "seed 7"),
        ("GAN", f"seed {NOTHING}"),
    ]
