"""How numbers are written, wherever they are shown: on pages, in tables, on the terminal."""

from __future__ import annotations

import math
from numbers import Real

NOTHING = "\N{EN DASH}"
"""Stands for a number that is not there."""

_DECIMALS = 5  # A deviation that wants more is written with an exponent.


def number(value: object) -> str:
    """Whole numbers with thousands separated, others with four digits; NaN stays visible."""
    if value is None:
        return NOTHING
    if isinstance(value, bool) or not isinstance(value, Real):
        return str(value)
    found = float(value)
    if not math.isfinite(found):
        return "NaN" if math.isnan(found) else ("∞" if found > 0 else "-∞")
    if found == int(found) and abs(found) < 1e15:
        return f"{int(found):,}"
    return f"{found:.4g}" if abs(found) < 1000 else f"{found:,.0f}"


def duration(seconds: object) -> str:
    """Seconds as "42 s", "7 min 12 s" or "1 h 03 min"."""
    if not isinstance(seconds, Real) or not math.isfinite(float(seconds)):
        return number(seconds)
    whole = round(float(seconds))
    if whole < 60:
        return f"{float(seconds):.1f} s" if whole < 10 else f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def mean_and_std(
    mean: float, std: float, *, percent: bool = False, decimals: int | None = None
) -> tuple[str, str]:
    """A mean and its noise, such as "12.3" and "± 0.4".

    Args:
        mean: NaN where there is none, which is written as a dash.
        std: standard deviation; NaN for that of a single number, which is written as "".
        percent: whether both are fractions, to be written in percent.
        decimals: of both; by default two digits of the deviation, and four of a single number.
    """
    if math.isnan(mean):
        return NOTHING, ""
    unit = ""
    if percent:
        mean, std, unit = 100 * mean, 100 * std, "%"
    if decimals is None:
        if math.isnan(std) or std <= 1e-9 * abs(mean):
            alone = f"{mean:.1f}" if percent else number(mean)
            return f"{alone}{unit}", "" if math.isnan(std) else "± 0"
        decimals = max(0, 1 - math.floor(math.log10(std)))
        decimals = min(decimals, 2) if percent else decimals
        if decimals > _DECIMALS:
            return f"{mean:.4g}{unit}", f"± {std:.2g}"
    noise = "" if math.isnan(std) else f"± {std:,.{decimals}f}"
    return f"{mean:,.{decimals}f}{unit}", noise
