"""The exact earth mover's distance between two histograms, with SciPy's linear programs."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix
from scipy.spatial.distance import cdist

from kgan.errors import InputError
from kgan.metrics.arrays import distribution, finite_matrix

_NEIGHBOURS = 8  # Arcs that every cell starts with.
_ADDED = 3  # Arcs that a cell gets at most in a round.
_NEGLIGIBLE = 1e-9  # Masses below this are noise of rounding, and tails that no sample reaches.
_TOLERANCE = 2e-7  # Of the dual prices; the solver's own is 1e-7, for costs up to 1.
_UNITS = 1e4  # Total mass in the linear program, whose tolerance of 1e-7 is absolute.


def earth_mover_distance(first: Any, second: Any, places: Any) -> float:
    """The 1-Wasserstein distance of two distributions on the same places.

    The linear program over all pairs of cells is too large for a general solver, but few pairs
    matter. What both hold in the same place stays there, which is optimal as the cost is a metric;
    the rest is solved over the arcs between near places, then arcs that the dual prices show to be
    worth more than their cost are added, until there are none (column generation, exact).

    Args:
        first: (m,) probabilities (or counts; both are scaled to sum 1).
        second: (m,) the same.
        places: (m, d) where they are; the cost is the Euclidean distance.

    Returns:
        The least mean distance, in the units of `places`; to about 1e-6 of their extent.

    Raises:
        InputError: shapes that do not fit, or no distributions.
    """
    first, second = distribution("first", first), distribution("second", second)
    places = finite_matrix("places", places)
    if not first.shape == second.shape == (len(places),):
        raise InputError(
            "Two histograms must have a value for each place. "
            f"Received: {first.shape} and {second.shape} for {len(places)} places"
        )
    surplus = first - second
    sources, sinks = surplus > _NEGLIGIBLE, surplus < -_NEGLIGIBLE
    moved = float(surplus[sources].sum())
    if not (sources.any() and sinks.any()):
        return 0.0
    supply, demand = surplus[sources], -surplus[sinks]
    costs = cdist(places[sources], places[sinks])
    if not costs.any():  # All in one place.
        return 0.0
    return moved * _transport(supply / supply.sum(), demand / demand.sum(), costs)


def _transport(supply: np.ndarray, demand: np.ndarray, costs: np.ndarray) -> float:
    """Returns the least cost of moving (m,) supply to (n,) demand, each of sum 1."""
    extent = costs.max()
    costs = costs / extent
    arcs = _some_plan(supply, demand) | _nearest(costs, axis=0) | _nearest(costs, axis=1)
    while True:
        cost, prices = _solve(supply, demand, costs, arcs)
        reduced = np.where(arcs, np.inf, costs - prices)
        missing = reduced < -_TOLERANCE
        if not missing.any():
            return float(cost * extent)
        arcs |= missing & (_nearest(reduced, 0, _ADDED) | _nearest(reduced, 1, _ADDED))


def _solve(
    supply: np.ndarray, demand: np.ndarray, costs: np.ndarray, arcs: np.ndarray
) -> tuple[float, np.ndarray]:
    """Returns the least cost over these arcs and (m, n) dual prices, what moving is worth."""
    source, sink = np.nonzero(arcs)
    count, arc = len(supply), np.arange(len(source))
    entries = (np.concatenate([source, count + sink]), np.concatenate([arc, arc]))
    balance = csr_matrix((np.ones(2 * len(arc)), entries))
    # The last row follows from the others; without it rounding cannot make them contradictory.
    totals = _UNITS * np.concatenate([supply, demand])[:-1]
    result = linprog(costs[arcs], A_eq=balance[:-1], b_eq=totals, method="highs-ds")
    if result.status != 0:
        raise ArithmeticError(f"The transport problem was not solved: {result.message}")
    prices = np.append(result.eqlin.marginals, 0.0)
    return float(result.fun) / _UNITS, prices[:count, None] + prices[count:]


def _some_plan(supply: np.ndarray, demand: np.ndarray) -> np.ndarray:
    """Returns (m, n) booleans: the arcs of the north-west corner rule, so that a plan exists."""
    given, taken = np.cumsum(supply), np.cumsum(demand)
    starts = np.sort(np.concatenate([[0.0], given[:-1], taken[:-1]]))
    arcs = np.zeros((len(supply), len(demand)), bool)
    source = np.searchsorted(given, starts, side="right").clip(max=len(supply) - 1)
    sink = np.searchsorted(taken, starts, side="right").clip(max=len(demand) - 1)
    arcs[source, sink] = True
    return arcs


def _nearest(values: np.ndarray, axis: int, count: int = _NEIGHBOURS) -> np.ndarray:
    """Returns booleans that mark the `count` least values along an axis."""
    count = min(count, values.shape[axis])
    chosen = np.take(np.argpartition(values, count - 1, axis=axis), range(count), axis=axis)
    marks = np.zeros(values.shape, bool)
    np.put_along_axis(marks, chosen, True, axis=axis)
    return marks
