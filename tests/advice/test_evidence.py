"""The summary of what was measured is what the store gives; the page's example is of it."""

import json

from benchmarks import evidence as writer
from kgan.advice import evidence

ANEW = "Make it anew: python -m benchmarks.evidence"


def test_the_summary_and_the_page_are_of_the_store_as_it_is():
    found = writer.contents()
    assert json.loads(evidence.PATH.read_text()) == found, ANEW
    assert writer.page(writer.PAGE.read_text(), found) == writer.PAGE.read_text(), ANEW


def test_pages_are_there_and_numbers_fit_together():
    for bench in evidence.benches().values():
        assert (writer.ROOT / bench.page).exists()
        assert bench.missing or len(bench.rows) > 1
        for row in bench.rows:
            assert row.label not in bench.missing
            scored = len(row.covered)
            assert 0 < scored <= row.seeds >= row.failed
            assert all(0 <= value <= bench.total for value in row.covered)
            assert len(row.seconds) == scored
            assert row.machine


def test_one_good_seed_is_no_proof():
    rows = {row.label: row for row in evidence.benches()["grid"].rows}
    assert rows["MD-GAN"].seeds == 5 > rows["SN-GAN"].seeds == 1
    assert rows["MD-GAN"].failure < rows["InvertGAN"].failure < rows["SN-GAN"].failure
