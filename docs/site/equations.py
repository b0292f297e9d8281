"""Equations as MathML, which browsers draw by themselves: no script, no fonts from elsewhere."""

from __future__ import annotations

from docutils import nodes
from latex2mathml.converter import convert


def inline(writer, node) -> None:
    """Write `$...$`."""
    writer.body.append(convert(node.astext()))
    raise nodes.SkipNode


def block(writer, node) -> None:
    """Write `$$...$$`."""
    writer.body.append(f'<div class="math">{convert(node.astext(), display="block")}</div>')
    raise nodes.SkipNode
