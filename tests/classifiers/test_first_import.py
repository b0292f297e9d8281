"""Measuring may be the first thing that a process does, before Keras is there."""

import subprocess
import sys


def test_evaluate_before_anything_else():
    command = "import kgan; kgan.metrics.evaluate; kgan.MDGAN"
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
