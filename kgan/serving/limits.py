"""What endpoints and their clients agree on. Free of TensorFlow."""

import numpy as np

MAX_SAMPLES = 1_000
"""The most rows of seeds that a served model takes at once: each costs a pass of the generator,
where the request for it is a few bytes."""

WITH_OPTIONS = "_with_options"
"""End of the names of signatures that take, for each row, what may be chosen besides."""

NO_OPTION = {"generator": np.array(-1, np.int32), "truncation": np.array(0, np.float32)}
"""By input of such a signature, its type and the value that leaves a row as it is."""
