"""Measurements of samples: functions of arrays, and `evaluate` for all of them at once.

A measure of your own is one function with its `Measure`, which carries the words of its scores::

    def farthest(trial):                       # A `Trial`: samples, real data, the source.
        return {"farthest": float(abs(trial.samples).max())}

    farthest_score = kgan.metrics.Score("farthest", "Farthest coordinate", better="real")
    kgan.metrics.add_measure(
        kgan.metrics.Measure("farthest", (farthest_score,), farthest), points=True
    )

`evaluate`, training, the report, comparisons and tables then have it, without another edit. To add
one to kgan itself, declare its scores in `words.py` and it in `measures.py`, and test its value.

`kgan.metrics.tfgan` adapts TF-GAN's metrics; it is not imported here, as it needs TensorFlow.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
