"""What a run ran on, as far as it can change the last bits of a result."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path


def conditions() -> dict[str, str]:
    """Processor, threads and oneDNN, in words; `default` is what TensorFlow chooses by itself."""
    threads = os.environ.get("TF_NUM_INTRAOP_THREADS") or str(len(os.sched_getaffinity(0)))
    onednn = {"0": "off", "1": "on"}.get(os.environ.get("TF_ENABLE_ONEDNN_OPTS", ""), "default")
    return {"processor": processor(), "threads": threads, "onednn": onednn}


def processor() -> str:
    """The processor's name, where Linux tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or sys.platform
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or sys.platform
