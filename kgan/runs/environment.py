"""What a run ran on, for those who ask later: versions, revision, machine, command."""

from __future__ import annotations

import hashlib
import os
import platform
import shlex
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from kgan.version import __version__

_PACKAGES = ("kgan", "tensorflow", "keras", "numpy", "scipy")


def environment(command: str | None = None) -> dict[str, Any]:
    """`versions`, `git_revision`, `machine` and its `conditions`, and `command`.

    Args:
        command: what made the run, ready to paste; None for this process' command line.
    """
    return {
        "versions": {"python": platform.python_version(), **dict(map(_version, _PACKAGES))},
        "git_revision": _revision(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}",
        "conditions": conditions(),
        "command": command or command_line(),
    }


def conditions() -> dict[str, str]:
    """What can change the last bits of a result: processor, threads, oneDNN, in words.

    `default` is what TensorFlow chooses by itself.
    """
    threads = os.environ.get("TF_NUM_INTRAOP_THREADS") or str(len(os.sched_getaffinity(0)))
    onednn = {"0": "off", "1": "on"}.get(os.environ.get("TF_ENABLE_ONEDNN_OPTS", ""), "default")
    return {"processor": _processor(), "threads": threads, "onednn": onednn}


def command_line() -> str:
    """This process' command, quoted for a shell."""
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    script = Path(sys.argv[0]).name
    if spec is None and script == "kgan":  # The installed command.
        return shlex.join(["kgan", *sys.argv[1:]])
    begun = ["-m", spec.name.removesuffix(".__main__")] if spec else [script]
    return shlex.join([Path(sys.executable).name, *begun, *sys.argv[1:]])


def _processor() -> str:
    """The processor's name, where Linux tells it."""
    cpus = Path("/proc/cpuinfo")
    lines = cpus.read_text().splitlines() if cpus.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or sys.platform


def _version(package: str) -> tuple[str, str]:
    try:
        return package, metadata.version(package)
    except metadata.PackageNotFoundError:
        return package, "not installed"


def _revision() -> str:
    """What tells the source that runs from others.

    In a checkout of it its revision, `-dirty` when changed. An installed copy may lie in the
    checkout of another project: where git does not know it, it is told by its version and a hash
    of its files.
    """
    if _git("ls-files", "--error-unmatch", Path(__file__).name) is not None:
        described = _git("describe", "--always", "--dirty", "--abbrev=12")
        if described is not None:
            return described
    return f"{__version__}-sha256.{_digest_of_source()}"


def _digest_of_source() -> str:
    """12 hexadecimal digits of the package's modules and data, whatever has been compiled."""
    digest = hashlib.sha256()
    package = Path(__file__).parents[1]
    for path in sorted(package.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(f"{path.relative_to(package).as_posix()}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


def _git(*arguments: str) -> str | None:
    # Within a hook of another repository these would speak of that one.
    of_hooks = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")
    apart = {name: value for name, value in os.environ.items() if name not in of_hooks}
    try:
        shown = subprocess.run(
            ["git", *arguments],
            cwd=Path(__file__).parent,
            env=apart,
            capture_output=True,
            text=True,
            timeout=5,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return shown.stdout.strip() or None
