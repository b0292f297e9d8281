"""The TensorFlow of the game: noise, replicas, gradients, optimizers, the step function."""
