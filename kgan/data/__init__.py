"""Data sets and their batches::

    data = kgan.data.load("fashion_mnist")                 # 60,000 images, uint8, in memory
    data.examples.shape, data.labels.shape, data.source    # (60000, 28, 28, 1), (60000,), where
    for images in data.batches(64, seed=0):                # float32 in 0..1, endless
        ...

`load` knows `ring`, `grid`, `embedded_grid` and `mixture` (points drawn from Gaussians, whose modes
can be counted), `fashion_mnist`, `mnist`, `cifar10`, `cifar100`, `stl10`, `celeb_a`,
`imagenet_resized/32x32`, `stacked_mnist` and `stacked_fashion_mnist` (three examples as channels:
1,000 modes), every other image set of TFDS by its TFDS name, `npz` and `folder` (your own files,
with `data_dir`)::

    kgan.data.load("grid", rows=5, spacing=2.0, std=0.05, weights=[...])
    kgan.data.load("ring", smallest_weight=0.01)
    kgan.data.load("embedded_grid", dimensions=128)
    kgan.data.load("stl10", image_size=48, value_range=(-1, 1))
    kgan.data.load("folder", data_dir="photos", image_size=64, strict=True)

A named set is taken from the `data_dir` that you give; else from TFDS's prepared directory, the
system's own copy, what `keras.datasets` has kept of mnist and fashion_mnist, or TFDS's download, in
this order. The log and `Dataset.source` say from where.

**Batches are stateless.** Batch `s` is a function of the seed and `s` alone, so
`data.batches(64, seed=0, start=1000)` continues a run exactly where it was interrupted, without
reading what came before. Each epoch is a permutation of the data, and an epoch's end lies anywhere
within a batch: nothing is dropped. Under `tf.distribute` the replicas get the pieces of these very
batches::

    strategy.distribute_datasets_from_function(
        lambda context: data.batches(64, seed=0, input_context=context)
    )
"""

from kgan.backend import loading

__getattr__, __dir__, __all__ = loading.attach_stub(__name__, __file__)
