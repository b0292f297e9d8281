"""The bench: its tables, what it counts as a failure, and the command."""

import pytest

from kgan import presets
from kgan.errors import InputError
from kgan.runs import Config, key
from kgan.studies import bench, pool, reproduction, results, runs


def test_every_method_of_the_package_is_on_every_bench():
    methods = {m for m in presets.methods() if f"{m}_ring" in presets.names()}
    for name, table in bench.OF_ALL_METHODS.items():
        rows = {row.flags.get("method", row.method): row for row in table.rows}
        assert set(rows) == methods
        for method, row in rows.items():
            assert presets.find(method, row.dataset), (method, name)
            assert row.flags["steps"] == table.rows[0].flags["steps"]


def test_some_methods():
    table = bench.find("ring", ["maemgan", "wgan_gp"])
    assert [row.label for row in table.rows] == ["MaEM-GAN", "WGAN-GP"]
    assert [row.method for row in table.rows] == ["maemgan", "gan"]


def test_some_methods_have_files_of_their_own(tmp_path):
    names = set()
    for methods in (None, ["gan"], ["gan", "mgan"], list(presets.methods())):
        known = {row.flags.get("method", row.method) for row in bench.BENCHES["ring"].rows}
        table = bench.find("ring", methods and [m for m in methods if m in known])
        request = reproduction.Request(table, 1, None, 1, tmp_path, {}, "command")
        names.add(request.name)
    assert names == {"bench_ring", "bench_ring_gan", "bench_ring_mgan+gan"}


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: bench.checked(None), "of ring, grid, rare_ring.*none"),
        (lambda: bench.checked(["ring", "rin"]), "Received: rin"),
        (lambda: bench.find("ring", ["gan", "ganz"]), "of mdgan, mgan.*Received: ganz"),
        (lambda: bench.find("ring", []), "of mdgan, mgan.*Received: none"),
    ],
)
def test_what_there_is_not(call, told):
    with pytest.raises(InputError, match=told):
        call()


@pytest.mark.parametrize(
    ("evaluation", "failed"),
    [
        ({"modes_covered": 25, "modes_total": 25}, 0.0),
        ({"modes_covered": 23, "modes_total": 25}, 0.0),
        ({"modes_covered": 22, "modes_total": 25}, 1.0),
        ({"modes_covered": 7, "modes_total": 8}, 1.0),
        ({"classes_covered": 9, "class_histogram": [1] * 9 + [0]}, 0.0),
        ({"classes_covered": 8, "class_histogram": [1] * 8 + [0] * 2}, 1.0),
        ({"frechet_distance": 3.0}, None),
    ],
)
def test_a_seed_fails_that_loses_more_than_a_tenth_of_the_modes(evaluation, failed):
    (column,) = (c for c in bench.BENCHES["ring"].columns if c.key == "failed")
    assert column.value(evaluation) == failed


def test_runs_without_a_result_count_as_failures():
    (row,) = bench.find("ring", ["gan"]).rows
    (column,) = (c for c in bench.BENCHES["ring"].columns if c.key == "failed")
    (modes,) = (c for c in bench.BENCHES["ring"].columns if c.key == "modes_covered")
    outcome = results.Outcome(
        row,
        runs=[],
        evaluations={
            0: {"modes_covered": 8, "modes_total": 8},
            1: {"modes_covered": 2, "modes_total": 8},
        },
        records={},
        failures={
            2: "discriminator became nan at step 7.",
            3: "generator became inf at step 7.",
            4: pool.CHANGED,
            5: "No space left on device.",  # Says nothing of the method.
        },
    )
    assert outcome.scores(column).mean == 75.0
    assert outcome.scores(modes).mean == 5.0


def test_the_command_on_one_method(commands, tmp_path):
    flags = ("--bench=ring", "--methods=lsgan", "--seeds=1", "--steps=250", "--samples=200")
    flags += (f"--output_dir={tmp_path}",)
    status, output = commands.run("apps.bench", *flags, log=tmp_path / "log")
    assert status == 0, output
    page = (tmp_path / "bench_ring_lsgan_steps250_samples200.md").read_text()
    assert "| LSGAN | ring |" in page
    assert "## What is compared" in page
    assert "--method=lsgan" in page
    _, output = commands.run("apps.bench", *flags, log=tmp_path / "log")
    assert "1 there, 0 to do" in output


def test_rare_benches_differ_in_their_weights_alone():
    for name in ("ring", "grid"):
        for row, rare in zip(
            bench.BENCHES[name].rows, bench.BENCHES[f"rare_{name}"].rows, strict=True
        ):
            assert dict(rare.flags) == {**row.flags, "smallest_weight": 0.01}
            assert rare.dataset == name


def test_on_equal_terms_all_have_averaged_weights(tmp_path):
    table = bench.find("fashion_mnist_equal", None)
    planned = runs.plan(table, seeds=1, spread=None, output_dir=tmp_path, changes={})
    assert len({run.key for run in planned}) == len(table.rows)
    for run in planned:
        assert {"--ema_decay=0.995", "--steps=3000"}.issubset(run.arguments)
    # These are what presets have.
    usual = {"MD-GAN": "mdgan", "GAN, 4e-4": "gan", "MGAN": "mgan"}
    for run in planned:
        if run.row.label in usual:
            config = Config(usual[run.row.label], "fashion_mnist", steps=3_000)
            assert run.key == key.digest(key.identity(config))


def test_games_and_norms_are_planned_and_crossed(tmp_path, finish, capsys):
    table = bench.find("norms", ["gan", "mdgan", "maemgan"])
    assert [row.crossed[0] for row in table.rows[::4]] == [
        *("GAN", "MD-GAN", "MD-GAN, bounded and non-saturating", "MaEM-GAN")
    ]
    request = reproduction.Request(table, 2, None, 1, tmp_path, {}, "command", train=False)
    assert not reproduction.there(request)[0].evaluations
    planned = runs.plan(table, seeds=2, spread=None, output_dir=tmp_path, changes={})
    assert len({run.key for run in planned}) == len(table.rows) == 16
    # The preset's own norm is the run that all know.
    (usual,) = [run for run in planned if run.row.label == "MaEM-GAN: none" and run.seed == 0]
    assert usual.key == key.digest(key.identity(Config("maemgan", "fashion_mnist", steps=1_000)))
    # Of the GAN's preset rate and average are searched for: here it has what the others have.
    (plain,) = [run for run in planned if run.row.label == "GAN: batch" and run.seed == 0]
    assert {"--learning_rate=0.0002", "--ema_decay=none"}.issubset(plain.arguments)
    distances = {"none": 20.0, "batch": 10.0, "batch_convolution": 16.0, "spectral": 12.0}
    for run in planned:
        game, norm = run.row.crossed
        if (game, norm) != ("MaEM-GAN", "spectral"):
            finish(run, {"frechet_distance": distances[norm] * (1 if game == "GAN" else 1.5)})
    reproduction.reproduce(request)
    told = capsys.readouterr().out
    assert "32 runs: 30 there, 2 to do; they are left out." in told
    cells = [[cell.split() for cell in line.split("|")[1:-1]] for line in told.splitlines()]
    found = {" ".join(line[0]): [cell[:1] for cell in line[1:]] for line in cells[:12] if line}
    assert [float(number) for (number,) in found["GAN"]] == [20, 10, 16, 12, 2]
    assert found["worst / best"] == [["1.50"], ["1.50"], ["1.50"], ["\N{EN DASH}"], []]
    assert (tmp_path / "bench_norms_gan+mdgan+maemgan.html").exists()


def test_the_list_of_benches():
    told = bench.listing()
    assert [name for name in bench.BENCHES if name not in told] == []
