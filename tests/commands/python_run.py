"""A run without the command line: `python python_run.py DIRECTORY STEPS`. Run by the tests."""

import sys

import kgan

directory, steps = sys.argv[1:]
run = kgan.train(
    "mdgan",
    dataset="grid",
    seed=3,
    output_dir=directory,
    steps=int(steps),
    batch_size=32,
    ema_decay=0.99,
    instance_noise=0.5,
    instance_noise_steps=2000,
    evaluate=False,
    export=False,
)
assert not [name for name in sys.modules if name.split(".")[0] == "apps"]
print(run, run.checkpoints[-1], run.samples().shape)
