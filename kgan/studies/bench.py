"""The bench: what is trained on what, and how it is scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kgan.errors import InputError
from kgan.methods import catalog
from kgan.methods.catalog import Entry
from kgan.studies import norms
from kgan.studies.table import Column, Row, Table, aligned, column, columns

# Of the modes; of 8 all, of 25 all but two.
_LEAST_COVERED = 0.9


def _failed(evaluation: Mapping[str, Any]) -> float | None:
    """1 if modes (or classes) are lost, else 0; None for what has no such count."""
    covered = evaluation.get("modes_covered", evaluation.get("classes_covered"))
    total = evaluation.get("modes_total") or len(evaluation.get("class_histogram", ()))
    return float(covered < _LEAST_COVERED * total) if covered is not None and total else None


def _imbalance(evaluation: Mapping[str, Any]) -> float | None:
    """Pearson's statistic, which grows with the number of samples that it counts, for each one."""
    statistic = evaluation.get("balance_chi_square")
    # Of points those near a mode; of images all, and real data's histogram is the reference's.
    near = evaluation.get("mode_counts")
    counted = evaluation.get("samples", 0) if near is None else sum(near)
    return statistic / counted if statistic is not None and counted else None


_FAILURES = Column("failed", "failed seeds, %", 0, percent=True, of=_failed, failed=1.0)
_IMBALANCE = Column("imbalance", "imbalance, chi-square / samples", 3, of=_imbalance)
_SPEED = column("steps_per_second")
_MODES = columns("modes_covered", "modes_strict")
_SHARES = (column("reverse_kl_nearest"), _IMBALANCE)
_POINTS = (
    *_MODES,
    *columns("high_quality", "mode_spread"),
    *_SHARES,
    column("wasserstein"),
    _FAILURES,
    _SPEED,
)
_EMBEDDED = (
    *_MODES,
    column("high_quality", label="near a mode, %"),
    column("mode_spread"),
    *_SHARES,
    *columns("plane_modes_covered", "off_plane"),
    # Blind to all other dimensions, so that the leaderboard does not rank by it.
    column(
        "plane_wasserstein",
        label="Wasserstein of the projection",
        of=lambda evaluation: evaluation.get("wasserstein"),
    ),
    _FAILURES,
    _SPEED,
)
_IMAGES = (
    *columns("classes_covered", "frechet_distance", "classifier_score"),
    *columns("f_8", "f_1_8", "density", "coverage", "feature_spread", "mode_spread"),
    _IMBALANCE,
    _FAILURES,
    _SPEED,
)
_STACKED = (
    column("modes_covered", label="modes of 1,000"),
    *columns("reverse_kl", "precision", "frechet_distance"),
    _FAILURES,
    _SPEED,
)

_FAILURE = (
    "A seed has failed where fewer than 90% of the modes (of images: of the classes) are covered, "
    "or whose loss became NaN or infinite; the column has the share of such seeds."
)
_BALANCE = (
    "Imbalance is Pearson's chi-square statistic divided by the number of samples: of points those "
    "near a mode, against the modes' weights (of K equal ones up to K - 1), of images their "
    "classes, against those of as many real ones (up to 2). 0 is best."
)
_LABELS = (
    "MIM-GAN uses labels, by a classifier of the data that it plays against; no other method does. "
    "Mixtures have as many generators as the points have modes, which tells them what others must "
    "find out; MIX+GAN and AdaGAN have five."
)
_POINT_NOTES = (
    "All have a generator of three hidden layers of 128 units and a discriminator of the same "
    "size, but for what a method is about: a bank of generators, an inverse, an autoencoder. MGAN "
    "and MIM-GAN on the ring have the networks and batches of MGAN's table 3, DMGAN-PL smaller "
    "ones. Rates are the methods' own: see their presets.",
    "All have the same number of the generator's steps; how often the discriminator moves and the "
    "size of a batch are the method's.",
    _LABELS,
    _FAILURE,
    _BALANCE,
)


_SEARCHED = (
    "The presets of MD-GAN, MGAN and the GAN alone were searched for on images, on other seeds: "
    "rate and averaged weights, MD-GAN's norm too. What these do: `--bench=fashion_mnist_equal`."
)


def _image_notes(budget: str, *more: str) -> tuple[str, ...]:
    return (
        "All have Lucic et al.'s generator and discriminator, but for what a method is about: a "
        "bank of generators, an inverse, an autoencoder, spectral normalisation, no batch norm.",
        f"{budget} of what Lucic et al. take: this is how far a method gets soon.",
        *more,
        _LABELS,
        _FAILURE,
    )


def _methods() -> Mapping[str, Entry]:
    """All that have presets for each kind of data: a bench takes any of them."""
    return {
        name: entry
        for name, entry in catalog.methods().items()
        if {"grid", "images"} <= entry.presets.keys()
    }


def _bench(
    name: str,
    title: str,
    *,
    dataset: str = "",
    data_flags: Mapping[str, Any] | None = None,
    steps: int,
    minutes: float,
    columns: Sequence[Column] = _POINTS,
    notes: Sequence[str] = _POINT_NOTES,
) -> Table:
    """A bench of all methods.

    Args:
        name: of the bench, and of its files.
        title: in words.
        dataset: its name, where that is not the bench's.
        data_flags: of the data set.
        steps: of the generator, for every method.
        minutes: that a GAN takes on one core.
        columns: its scores.
        notes: what must be known.
    """
    return Table(
        paper="bench",
        kind="",
        number=name,
        title=title,
        columns=columns,
        rows=tuple(
            Row(
                label=method.title,
                method=method.command,
                dataset=dataset or name,
                samples=10_000,
                minutes=minutes * method.cost,
                flags={
                    **({} if key == method.command else {"method": key}),
                    **(data_flags or {}),
                    "steps": steps,
                },
            )
            for key, method in _methods().items()
        ),
        differences=notes,
        panels=True,
        about="What is compared",
    )


_RARE_NOTE = (
    "Modes weigh 1% at least, in a geometric row: see docs/data.md. A mode is strictly covered by "
    "the part of its own share that 1% is of an equal one."
)
_POINT_SETS = {"ring": "Eight Gaussians on a ring", "grid": "25 Gaussians on a grid"}
# Of all methods; the leaderboard ranks them by these.
OF_ALL_METHODS: dict[str, Table] = {
    str(table.number): table
    for table in (
        *(_bench(name, title, steps=10_000, minutes=0.6) for name, title in _POINT_SETS.items()),
        *(
            _bench(
                f"rare_{name}",
                f"{title}, of unequal weights",
                dataset=name,
                data_flags={"smallest_weight": 0.01},
                steps=10_000,
                minutes=0.6,
                notes=(*_POINT_NOTES, _RARE_NOTE),
            )
            for name, title in _POINT_SETS.items()
        ),
        _bench(
            "embedded_grid",
            "25 Gaussians in a plane of 128 dimensions",
            steps=10_000,
            minutes=2.0,
            columns=_EMBEDDED,
            notes=(
                *_POINT_NOTES,
                "Layers have 256 units there, and as many latents as coordinates.",
            ),
        ),
        _bench(
            "stacked_fashion_mnist",
            "Clothes in three channels, 1,000 modes",
            steps=1_500,
            minutes=8.0,
            columns=_STACKED,
            notes=_image_notes("1,500 steps are a tenth", _SEARCHED),
        ),
        _bench(
            "fashion_mnist",
            "Fashion-MNIST",
            steps=3_000,
            minutes=7.0,
            columns=_IMAGES,
            notes=(*_image_notes("3,000 steps are a fifth", _SEARCHED), _BALANCE),
        ),
    )
}
_NORMS = Table(
    paper="bench",
    kind="",
    number="norms",
    title="The game or the discriminator's norm? Fashion-MNIST, 1,000 steps",
    columns=_IMAGES,
    rows=norms.rows("fashion_mnist", steps=1_000, minutes=2.3),
    differences=(*norms.NOTES, _FAILURE, _BALANCE),
    about="What is compared",
    crossed=("frechet_distance", "f_8"),
)
# By label: method, rate, further flags. Rates are the best of a search at 1,000 steps on a seed of
# its own: of the GAN and MGAN, which gain from more than MD-GAN does, two.
_EQUAL_ROWS: Mapping[str, tuple[str, float, Mapping[str, Any]]] = {
    "GAN": ("gan", 8e-4, {}),
    "GAN, 4e-4": ("gan", 4e-4, {}),
    "GAN, batch 120": ("gan", 8e-4, {"batch_size": 120}),
    "MD-GAN": ("mdgan", 4e-4, {}),
    "MD-GAN, balance 1": ("mdgan", 4e-4, {"balance": 1.0}),
    "MGAN": ("mgan", 8e-4, {}),
    "MGAN, 4e-4": ("mgan", 4e-4, {}),
    "InvertGAN": ("invertgan", 8e-4, {}),
    "MIM-GAN": ("mimgan", 8e-4, {}),
    "MaEM-GAN": ("maemgan", 4e-4, {}),
}
_EQUAL = Table(
    paper="bench",
    kind="",
    number="fashion_mnist_equal",
    title="Fashion-MNIST on equal terms: searched rates, averaged weights, 3,000 steps",
    columns=(*_IMAGES, *columns("recall", "clusters_used", "cluster_purity")),
    rows=tuple(
        Row(
            label=label,
            method=method,
            dataset="fashion_mnist",
            samples=10_000,
            minutes=7.0 * _methods()[method].cost,
            flags={**flags, "learning_rate": rate, "ema_decay": 0.995, "steps": 3_000},
        )
        for label, (method, rate, flags) in _EQUAL_ROWS.items()
    ),
    differences=(
        "All are sampled from an average of the generator's weights with decay 0.995. Adam's rates "
        "are 8e-4 but of MD-GAN, MaEM-GAN and where a row says so, which have 4e-4: MD-GAN gains "
        "nothing from more. The GAN's, MD-GAN's and MGAN's were searched for at 1,000 steps on "
        "another seed, InvertGAN's among two; those of MIM-GAN and MaEM-GAN were not.",
        "MGAN's ten generators make 120 samples of a step, which the discriminator sees beside 64 "
        "real ones; the GAN makes and sees 64, or 120 of each. A step of MGAN takes about twice as "
        "long as the GAN's of 64.",
        *_image_notes("3,000 steps are a fifth"),
        _BALANCE,
    ),
    panels=True,
    about="What is compared",
)
_FULL_ROWS = ("mgan", "mdgan", "mimgan", "invertgan", "maemgan", "gan")
_FULL = Table(
    paper="bench",
    kind="",
    number="fashion_mnist_full",
    title="Fashion-MNIST by the presets, all their 15,625 steps",
    columns=(*_IMAGES, *columns("recall")),
    rows=tuple(
        Row(
            label=_methods()[method].title,
            method=method,
            dataset="fashion_mnist",
            samples=10_000,
            minutes=36.0 * _methods()[method].cost,
            flags={"steps": 15_625},
        )
        for method in _FULL_ROWS
    ),
    differences=(
        "What `python -m apps.mgan --dataset=fashion_mnist` and its siblings do: 1,000,000 real "
        "images in batches of 64, as in Lucic et al.",
        _SEARCHED,
        "MGAN's ten generators make 120 samples a step, the others' 64.",
        _LABELS,
        _FAILURE,
        _BALANCE,
    ),
    panels=True,
    about="What is compared",
)
BENCHES: dict[str, Table] = {
    **OF_ALL_METHODS,
    "fashion_mnist_full": _FULL,
    "norms": _NORMS,
    "fashion_mnist_equal": _EQUAL,
}


def checked(names: Sequence[str] | None) -> Sequence[str]:
    """The benches that a user named.

    Raises:
        InputError: if there is none, or an unknown one.
    """
    unknown = [name for name in names or [""] if name not in BENCHES]
    if unknown:
        raise InputError(
            f"`bench` must be of {', '.join(BENCHES)}. Received: {unknown[0] or 'none'}"
        )
    return names or []


def find(name: str, methods: Sequence[str] | None) -> Table:
    """A bench, of all its methods or of some.

    Raises:
        InputError: an unknown method.
    """
    table = BENCHES[name]
    by_method: dict[str, list[Row]] = {}
    for row in table.rows:
        by_method.setdefault(row.flags.get("method", row.method), []).append(row)
    unknown = [method for method in methods or [""] if method not in by_method]
    if methods is not None and unknown:
        raise InputError(
            f"`methods` must be of {', '.join(by_method)}. Received: {unknown[0] or 'none'}"
        )
    if methods is None:
        return table
    chosen = {method: rows for method, rows in by_method.items() if method in methods}
    part = "" if len(chosen) == len(by_method) else "+".join(chosen)
    return table.of([row for rows in chosen.values() for row in rows], part)


def listing() -> str:
    """The benches and what they cost, a line each."""
    lines = [("bench", "data", "runs a seed", "one core, a seed")]
    for name, table in BENCHES.items():
        cost = f"about {table.minutes:.0f} min"
        lines.append((name, table.title, str(len(table.rows)), cost))
    return f"{aligned(lines)}\n\nmethods: {', '.join(_methods())}"
