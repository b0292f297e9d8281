"""TensorFlow Serving's interface on one machine, by TensorFlow alone: REST and gRPC.

For a desk, a test or a small service. Its packages are the extra `serve`. `kgan serve` starts it.
"""
