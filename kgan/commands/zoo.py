"""Make a trained model that others can load and serve, of a finished run.

  python -m apps.zoo --run=runs/mdgan-grid-seed0     # saved_models/mdgan_grid/
  python -m apps.zoo --run=runs/gan-fashion_mnist-seed0 --rank=64 --stored_as=int8
  python -m apps.zoo                                 # the cards and models.config anew
  python -m apps.zoo --saved_models                  # and all SavedModels, of each model.keras

Writes the SavedModel as TensorFlow Serving wants it, model.keras, a card for people and one for
programs with the hash of each file, and models.config of all models beside it. The same run gives
the same bytes, and a new run of a preset replaces what was there. Scores are measured on the
weights as they are stored.
"""

from __future__ import annotations

import importlib

from absl import flags, logging

from kgan.commands import launch
from kgan.files import local_path
from kgan.runs import Run
from kgan.zoo import places

FLAGS = flags.FLAGS

# All applications have them, and here they would be passed over in silence.
del FLAGS.seed
del FLAGS.batch_size
flags.DEFINE_string("run", None, "Directory of a finished run; none: cards and lists alone.")
flags.DEFINE_string("output", places.FOLDER, "The folder of all models.")
flags.DEFINE_string("name", None, "Of the model's folder. Default: the preset's, else the data's.")
flags.DEFINE_enum(
    "stored_as",
    "float32",
    ["float32", "float16", "int8"],
    "Of large weights; int8 is a quarter of the size.",
)
flags.DEFINE_integer(
    "rank",
    None,
    "Make large dense layers two of this rank, which keep what moves the outputs most; a moving "
    "average takes the place of the generator. None: as they were trained.",
    lower_bound=1,
)
flags.DEFINE_integer(
    "rank_of_others",
    None,
    "The same of the discriminator and all other networks. Default: that of --rank.",
    lower_bound=1,
)
flags.DEFINE_bool("saved_models", False, "Write all SavedModels anew, of each model.keras.")
flags.adopt_module_key_flags(launch)


def main() -> None:
    """Make the model of a run, and write what is told of all."""
    # TensorFlow: --help does not wait for it.
    trained_models = importlib.import_module("kgan.commands.trained_models")
    output = local_path(FLAGS.output, "output")
    if FLAGS.run is not None:
        how = {name: FLAGS[name].value for name in ("name", "stored_as", "rank", "rank_of_others")}
        made = trained_models.make(Run(FLAGS.run), output, **how)
        logging.info("Model: %s", made)
    if FLAGS.saved_models:
        trained_models.write_saved_models(output)
    trained_models.write_pages(output)
