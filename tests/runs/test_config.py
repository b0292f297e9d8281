"""What a run's config keeps of its data is what loads them again."""

from kgan.commands import data_flags
from kgan.runs.config import Config, data_options


def test_every_option_of_a_data_set_comes_back():
    named = data_flags._OPTIONS.values()
    given = {name: 1 for name in named if name != "data_dir"} | {"strict": True}
    config = Config("gan", "ring", data_dir="here", data_options=given)
    assert data_options(config.flags()) == {**given, "data_dir": "here"}
    again = Config.from_flags("gan", "ring", config.flags())
    assert again == config
    assert Config.from_flags("gan", "ring", config.flags() | {"on_broken": "skip"}) == config
