"""Classifiers of data sets: images are measured in their features, MIM-GAN learns from them."""
