"""The leaderboard: places, what its cells say, and the command."""

import pytest

from kgan.studies import bench, leaderboard_figure, pool, reproduction
from kgan.studies.leaderboard import Leaderboard
from kgan.studies.results import Outcome

NOTHING = "\N{EN DASH}"


def outcomes(name, distances, failed=()):
    """Of methods by label: the Wasserstein distance of each seed."""
    rows = {row.label: row for row in bench.BENCHES[name].rows}
    found = []
    for label, row in rows.items():
        total = {"ring": 8, "grid": 25}[name]
        evaluations = {
            seed: {
                "modes_covered": total - seed,
                "modes_total": total,
                "high_quality": 0.9,
                "wasserstein": distance,
                "mode_counts": [60, 40],
                "balance_chi_square": 4.0,
                "real": {"wasserstein": 0.01},
            }
            for seed, distance in enumerate(distances.get(label, ()))
        }
        why = "discriminator became nan at step 7."
        failures = {8: why, 9: why} if label in failed else {}
        found.append(Outcome(row, [], evaluations, {}, failures))
    return bench.BENCHES[name], found


@pytest.fixture
def board():
    ring = {"GAN": [0.3, 0.5], "MGAN": [0.1, 0.1], "MD-GAN": [0.2, 0.2]}
    return Leaderboard(
        {
            "ring": outcomes("ring", ring, failed=["BEGAN"]),
            "grid": outcomes("grid", {"GAN": [0.1], "MGAN": [0.2], "MD-GAN": [0.3], "BEGAN": [1]}),
            "rare_ring": outcomes("ring", {"GAN": [0.3]}),
            "rare_grid": outcomes("grid", {}),
        }
    )


def lines(page, heading):
    (grid,) = (grid for grid in page.grids if grid.heading.startswith(heading))
    return grid.header, {cells[0]: cells[1:] for cells in grid.body}


def test_places_are_by_the_mean_distance_and_their_mean_is_over_whole_benches(board):
    page = board.page(seeds=2, command=str, about=[], picture=("a.png", b""))
    header, places = lines(page, "Places")
    assert header == ["method", "mean place", "ring", "grid", "rare_ring"]
    assert places == {
        "MGAN": ["1.5", "1", "2", NOTHING],
        "GAN": ["2.0", "3", "1", "1"],
        "MD-GAN": ["2.5", "2", "3", NOTHING],
        "BEGAN": ["4.0", "4", "4", NOTHING],  # On the ring the last: without any result.
    }
    assert list(places) == board.methods == ["MGAN", "GAN", "MD-GAN", "BEGAN"]


def test_who_has_fewer_seeds_has_no_place():
    ring = {"GAN": [0.3, 0.5], "MGAN": [0.1], "MD-GAN": [0.2, 0.2]}
    page = Leaderboard({"ring": outcomes("ring", ring)}).page(
        seeds=2, command=str, about=[], picture=("a.png", b"")
    )
    _, places = lines(page, "Places")
    assert places == {"MD-GAN": ["1.0", "1"], "GAN": ["2.0", "2"], "MGAN": [NOTHING, NOTHING]}


def test_cells_are_means_over_seeds(board):
    page = board.page(seeds=2, command=str, about=[], picture=("a.png", b""))
    _, covered = lines(page, "Modes")
    assert covered["GAN"] == ["7.5 ± 0.7", "25.0", "8.0"]
    assert covered["BEGAN"] == [NOTHING, "25.0", NOTHING]
    _, distance = lines(page, "Distance")
    assert distance["real data"] == ["0.010 ± 0.000", "0.010", "0.010"]
    assert distance["GAN"][0] == "0.400 ± 0.141"
    _, imbalance = lines(page, "Imbalance")
    assert imbalance["MGAN"][0] == "0.040 ± 0.000"
    _, failed = lines(page, "Failed")
    assert failed["BEGAN"] == ["100 ± 0", "0", NOTHING]
    _, seeds = lines(page, "Seeds")
    assert seeds["GAN"] == ["2 of 2", "1 of 2", "1 of 2"]
    assert seeds["BEGAN"] == ["0 of 2", "1 of 2", NOTHING]


def test_the_picture_has_shares(board):
    covered = leaderboard_figure._covered(board)
    assert covered[board.methods.index("GAN")] == pytest.approx([7.5 / 8, 1, 1])
    assert leaderboard_figure._shares(board, ["high_quality"])[0, 0] == pytest.approx(0.9)
    assert leaderboard_figure.draw(board).startswith(b"\x89PNG")


def test_imbalance_is_of_the_samples_that_were_counted():
    (column,) = (c for c in bench.BENCHES["ring"].columns if c.key == "imbalance")
    counted = {"balance_chi_square": 4.0, "mode_counts": [1, 1], "samples": 100}
    assert column.value(counted) == 2.0
    assert column.value({**counted, "mode_counts": [0, 0]}) is None  # Not perfect: nothing known.
    # Of real images the histogram is the reference's, and the statistic of fewer.
    images = {"balance_chi_square": 9.0, "class_histogram": [5_000] * 2, "samples": 500}
    assert column.value(images) == 0.018
    assert column.value({"modes_covered": 3}) is None


def test_a_distance_in_a_plane_ranks_nobody():
    """Samples far off it would take the first place."""
    rows = {row.label: row for row in bench.BENCHES["embedded_grid"].rows}
    evaluation = {"modes_covered": 2, "modes_total": 25, "wasserstein": 0.01, "off_plane": 56.0}
    flat = Outcome(rows["GAN"], [], {0: evaluation}, {}, {})
    board = Leaderboard({"embedded_grid": (bench.BENCHES["embedded_grid"], [flat])})
    page = board.page(seeds=1, command=str, about=[], picture=("a.png", b""))
    assert lines(page, "Places")[1] == {"GAN": [NOTHING, NOTHING]}
    assert lines(page, "Distance")[1]["GAN"] == [NOTHING]
    assert lines(page, "Modes covered")[1]["GAN"] == ["2.0"]


def test_the_command_collects_what_is_there(commands, tmp_path, finish):
    """And failures of earlier calls; it trains nothing."""
    table = bench.find("ring", ["gan", "lsgan", "hinge"])
    # Of a number of steps that no result in results/ has.
    asked = reproduction.Request(table, 1, None, 1, tmp_path, {"steps": 20}, "command")
    gan, lsgan, _ = reproduction._planned(asked)
    scored = next(o for o in outcomes("ring", {"GAN": [0.25]})[1] if o.evaluations)
    finish(gan, scored.evaluations[0])
    (tmp_path / "logs").mkdir()
    pool._note(lsgan, tmp_path / "logs").write_text("discriminator became nan at step 7.")
    flags = ("--leaderboard", "--seeds=1", "--steps=20", f"--output_dir={tmp_path}")
    status, output = commands.run("apps.bench", *flags, log=tmp_path / "log")
    assert status == 0, output
    page = (tmp_path / "leaderboard_steps20.md").read_text()
    assert "| GAN | 1.0 | 1 |" in page
    assert "| LSGAN | 2.0 | 2 |" in page
    assert "hinge" not in page
    assert f"--bench=ring --seeds=1 --steps=20 --output_dir={tmp_path}\n" in page
    assert (tmp_path / "leaderboard_steps20.png").read_bytes().startswith(b"\x89PNG")
    assert "<h3>Places</h3>" in (tmp_path / "leaderboard_steps20.html").read_text()


def test_a_part_has_files_of_its_own(commands, tmp_path, finish):
    flags = ["--leaderboard", "--seeds=1", "--steps=20", f"--output_dir={tmp_path}"]
    flags += ["--bench=ring", "--methods=gan"]
    table = bench.find("ring", ["gan"])
    asked = reproduction.Request(table, 1, None, 1, tmp_path, {"steps": 20}, "command")
    (run,) = reproduction._planned(asked)
    scored = next(o for o in outcomes("ring", {"GAN": [0.25]})[1] if o.evaluations)
    finish(run, scored.evaluations[0])
    status, output = commands.run("apps.bench", *flags, log=tmp_path / "log")
    assert status == 0, output
    page = (tmp_path / "leaderboard_ring_gan_steps20.md").read_text()
    assert "A quick look with --steps=20" in page
    assert "--bench=ring --seeds=1 --methods=gan --steps=20" in page


def test_a_leaderboard_of_nothing(commands, tmp_path):
    place = tmp_path / "there"
    place.mkdir()
    flags = ("--leaderboard", "--steps=20", f"--output_dir={place}")
    status, output = commands.run("apps.bench", *flags, log=tmp_path / "log")
    assert status == 2
    assert output.count("\n") == 1
    assert "There are no results under these flags" in output
    assert list(place.iterdir()) == []
