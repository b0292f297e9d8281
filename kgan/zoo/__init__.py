"""Trained models in folders: how one is found, what its card says, how it is stored.

A model's folder has `1/`, the SavedModel for TensorFlow Serving, `model.keras`, `card.md` with its
picture, and `card.json`, which has the SHA-256 of each of the other files. `kgan zoo` makes one of
a run.
"""
