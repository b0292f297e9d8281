"""Figures of samples, losses and embeddings, and the pages that tell and compare runs.

Everything is drawn with Matplotlib's object-oriented interface: figures are returned, never shown,
and no global state is touched.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
