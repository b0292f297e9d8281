"""Which models a server finds: by models.config, by folders, and never outside of the folder."""

import pytest

from kgan.errors import DataError, InputError
from kgan.serving.server.finding import find

POLICIES = [
    ("", [10]),
    ("model_version_policy { latest { num_versions: 2 } }", [2, 10]),
    ("model_version_policy { all {} }", [1, 2, 10]),
    ("model_version_policy { specific { versions: 1 versions: 10 } }", [1, 10]),
]


@pytest.fixture
def root(tmp_path):
    """A folder of two models, one with three versions, and things that are none."""
    for path in ("bank/1", "bank/2", "bank/010", "points/1"):
        (tmp_path / "models" / path).mkdir(parents=True)
        (tmp_path / "models" / path / "saved_model.pb").touch()
    (tmp_path / "models" / "bank" / "3").mkdir()  # Being copied: no SavedModel yet.
    (tmp_path / "models" / "notes").mkdir()
    return tmp_path / "models"


def config(root, *models):
    told = " ".join(f"config {{ {model} }}" for model in models)
    (root / "models.config").write_text(f"model_config_list {{ {told} }}")


def versions(found):
    return {model.name: sorted(model.versions) for model in found}


def test_folders(root):
    assert versions(find(root)) == {"bank": [10], "points": [1]}
    (found,) = find(root / "bank")
    assert (found.name, found.versions) == ("bank", {10: root / "bank" / "010"})


@pytest.mark.parametrize(("policy", "numbers"), POLICIES)
@pytest.mark.parametrize("base", ["/models/bank", "bank", "{root}/bank"])
def test_models_config_as_it_is(root, policy, numbers, base):
    path = base.format(root=root)
    config(root, f'name: "mine" base_path: "{path}" model_platform: "tensorflow" {policy}')
    for place in (root, root / "models.config"):
        assert versions(find(place)) == {"mine": numbers}


@pytest.mark.parametrize(
    "base", ["/etc", "/models/../../other", "../other", "link", "/models/link"]
)
def test_no_path_leaves_the_folder(root, base):
    other = root.parent / "other" / "1"
    other.mkdir(parents=True)
    (other / "saved_model.pb").touch()
    (root / "link").symlink_to(root.parent / "other")
    config(root, f'name: "mine" base_path: "{base}"')
    with pytest.raises(InputError, match=r"mine lies at .*, which leaves the models' folder"):
        find(root)


def test_links_in_the_folder_may_stay_in_it(root):
    (root / "latest").symlink_to(root / "bank")
    assert versions(find(root)) == {"bank": [10], "latest": [10], "points": [1]}
    outside = root.parent / "saved_model.pb"
    outside.touch()
    (root / "points" / "1" / "saved_model.pb").unlink()
    (root / "points" / "1" / "saved_model.pb").symlink_to(outside)
    with pytest.raises(InputError, match=r"points lies at .* leaves the models' folder"):
        find(root)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ('name: "mine" base_path: "/models/none"', "mine has no version"),
        ('name: "" base_path: "/models/bank"', "each by a name of its own"),
        ('name: "mine" nonsense: 3', "models.config cannot be read"),
        ('name: "a" base_path: "bank" model_platform: "pytorch"', "only TensorFlow's models"),
        (
            'name: "a" base_path: "bank" model_version_policy { specific { versions: 7 } }',
            "has no version 7",
        ),
    ],
)
def test_what_cannot_be_served_is_told(root, model, words):
    config(root, model)
    with pytest.raises(DataError, match=words):
        find(root)


def test_a_folder_without_models(tmp_path):
    with pytest.raises(DataError, match=r"has no models: neither a models\.config nor folders"):
        find(tmp_path)
    with pytest.raises(DataError, match="There is no folder of models at"):
        find(tmp_path / "none")
