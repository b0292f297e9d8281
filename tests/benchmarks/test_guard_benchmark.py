"""The benchmark of the guard at a game's door."""

from benchmarks import guard


def test_the_looks_of_an_epoch_are_beside_its_steps(capsys):
    guard.main(["--models=gan_ring", "--repeats=1"])
    *_, row = capsys.readouterr().out.splitlines()
    _, name, step, bare, batch, weights, array, share, _ = row.split("|")
    assert name.strip() == "gan_ring"
    assert all(float(cell) > 0 for cell in (step, bare, weights, array))
    # So much less than a step that no busy machine makes it more.
    assert float(batch) < float(step)
    assert float(share.split("%")[0]) < 5
