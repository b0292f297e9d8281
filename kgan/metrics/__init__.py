"""Measurements of samples: functions of arrays, and `evaluate` for all of them at once.

`kgan.metrics.tfgan` adapts TF-GAN's metrics; it is not imported here, as it needs TensorFlow.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
