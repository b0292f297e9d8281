# %% [markdown]
# # Serve and call a model
#
# A model of kgan becomes a SavedModel whose signatures draw samples, write PNG files, embed and
# invert. TensorFlow Serving serves it as it is. Every run writes one, `saved_model/1`, and from
# Python one line does.

# %%
import numpy as np
import tensorflow as tf

import kgan

gan = kgan.MDGAN.from_preset("mdgan_grid", load_weights=True)  # Trained, of saved_models/.
folder = gan.export("served/mdgan/1")

# %% [markdown]
# ## What it answers

# %%
served = tf.saved_model.load("served/mdgan/1")
for name, signature in served.signatures.items():
    takes = {key: value.shape for key, value in signature.structured_input_signature[1].items()}
    print(f"{name:16} takes {takes} gives {sorted(signature.structured_outputs)}")

# %% [markdown]
# Each one row in, one row out. Seeds go in and samples come out: the row `(s, 0)` gives what
# `gan.sample(1, seed=s)` gives, whatever else the server puts into its batch. All signatures and
# their options (a mixture's generator, truncation): [serving](../serving.md#what-a-model-can-be-asked).

# %%
seeds = tf.constant([[0, 0], [1, 0], [2, 0], [3, 0]])
points = served.signatures["sample"](seeds=seeds)["samples"].numpy()  # (4, 2)
alone = np.concatenate([gan.sample(1, seed=seed) for seed in range(4)])
print(points.round(3).tolist(), np.allclose(points, alone, rtol=1e-5))

# %% [markdown]
# ## What the discriminator says
#
# It goes with the model: how real a sample is, and MD-GAN's embedding.

# %%
answer = served.signatures["discriminate"](samples=tf.constant(points))
print({name: value.shape.as_list() for name, value in answer.items()})

# %% [markdown]
# ## A server, and a client
#
# TensorFlow Serving, or kgan's own server for a desk, answers at port 8501:
#
# ```
# docker run --rm -p 127.0.0.1:8501:8501 -v "$PWD/saved_models:/models:ro" tensorflow/serving --model_config_file=/models/models.config
# python -m apps.serve --models=saved_models
# ```
#
# `kgan.serving.Client` needs no TensorFlow, and no package besides NumPy and Pillow:
#
# ```
# client = kgan.serving.Client("http://localhost:8501")
# client.sample(64, model="mgan_ring", seed=0, generator=3)  # (64, 2) float32
# ```
#
# and from a shell, of a server, a SavedModel or a run:
#
# ```
# python -m apps.sample --url=http://localhost:8501 --model=mgan_ring --count=64 --output=grid.png
# python -m apps.sample --saved_model=saved_models/mgan_ring --generator=3 --output=points.npy
# ```
#
# `curl`, gRPC, bounds, batching, Kubernetes and what is tested where: [serving](../serving.md).
#
# ## Other formats, and what is replaced
#
# `gan.export(folder)` replaces an empty folder, or what kgan or Keras has exported there, and
# refuses any other:

# %%
try:
    gan.export("served")
except kgan.KganError as error:
    print(error)

# %% [markdown]
# `gan.export("gan.tflite", format="litert")`, `"onnx"` and `"openvino"` are Keras' own, from latents
# to samples, and need the packages that Keras names.
