"""What a person sees of an evaluation: a table and a sentence, in colours where there are any."""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from kgan.metrics import words
from kgan.metrics.judgement import judgement

_WIDTH = 100  # Of a file, or a log.
_BEST = {"higher": "higher", "lower": "lower", "real": "as real data"}


def told(evaluation: Mapping[str, Any], *, coloured: bool | None = None) -> str:
    """The scores of an evaluation beside real data's, and what they come to.

    Args:
        evaluation: of `kgan.metrics.evaluate`.
        coloured: whether the text is for a terminal; None: as standard error is.
    """
    coloured = sys.stderr.isatty() if coloured is None else coloured
    page = io.StringIO()
    console = Console(
        file=page,
        force_terminal=coloured,
        no_color=None if coloured else True,
        width=None if coloured else _WIDTH,
        highlight=False,
    )
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("score")
    for name in ("samples", "real data"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("best", no_wrap=True, style="dim")
    real = words.of_real_data(evaluation)
    for key in words.shown(evaluation):
        score = words.find(key, evaluation)
        table.add_row(
            score.title(evaluation),
            score.short_text(evaluation),
            score.short_text(real) if key in real else "",
            _BEST.get(score.better, ""),
            style="yellow" if words.remark(key, evaluation) else None,
        )
    console.print(table)
    if sentence := judgement(evaluation):
        console.print(sentence, style="bold", markup=False, soft_wrap=True)
    lines = (line.rstrip() for line in page.getvalue().splitlines())
    return "\n".join(lines)
