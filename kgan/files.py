"""Files and folders that appear whole or not at all, and paths of this machine alone."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import re
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kgan.errors import InputError, WriteError

_LONGEST = 255  # Bytes of a file's name, on all file systems that are in use.
# With one slash left where a `Path` was made of it.
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+://|(gs|s3|s3a|hdfs|viewfs|abfss?|https?|ftp|file):/", re.I)


def local_path(path: str | os.PathLike[str], name: str) -> Path:
    """A path of this machine's file systems, `~` put in full.

    Args:
        path: as a user gave it.
        name: of the argument or the variable that it came with.

    Raises:
        InputError: a path with a scheme, such as `gs://`.
    """
    text = os.fspath(path)
    if _SCHEME.match(text):
        raise InputError(
            f"`{name}` must be a path of this machine. Received: {text}; mount what is elsewhere, "
            "or copy it."
        )
    with contextlib.suppress(RuntimeError):  # No such user: a name that begins with ~.
        return Path(text).expanduser()
    return Path(text)


@contextmanager
def writing(path: str | os.PathLike[str]) -> Iterator[None]:
    """Whatever keeps the block from writing `path` becomes one sentence that names it.

    Raises:
        WriteError: for any OSError.
    """
    try:
        yield
    except WriteError:
        raise
    except OSError as error:
        reason = error.strerror or str(error) or type(error).__name__
        if error.errno and "\n" in reason:  # HDF5 tells all it knows.
            reason = os.strerror(error.errno)
        raise WriteError(error.errno, reason, str(path)) from error


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A temporary path beside `path` that takes its place when the block ends well.

    Readers see the old file or the whole new one, whenever the process is killed; a machine that
    loses its power may keep neither, since nothing waits for the disk. Of several that write at
    once the last one's file stays. A link stays one: the file that it points to is replaced.

    Raises:
        WriteError: it cannot be written, or what is there is no file.
        InputError: a path with a scheme, such as `gs://`.
    """
    target = Path(os.path.realpath(local_path(path, "path")))
    with writing(path):
        # A device would be replaced like a file, where one may.
        if target.exists() and not target.is_file():
            number = errno.EISDIR if target.is_dir() else errno.EINVAL
            raise OSError(number, os.strerror(number))
        temporary = _beside(target)
        try:
            yield temporary
            temporary.replace(target)
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)


@contextmanager
def replacing_folder(path: str | os.PathLike[str], check: Callable[[Path], None]) -> Iterator[Path]:
    """A new folder beside `path` that takes its place when the block ends well.

    A kill between the two renames at the end leaves the former folder as `.kgan-*/old` beside it.

    Args:
        path: of the folder; those above it are made.
        check: raises an error for a folder with contents that must not be replaced. It is called
            before the block, and again once nobody else can reach the folder that goes.

    Raises:
        WriteError: it cannot be written, or another process has written there meanwhile.
        InputError: a path with a scheme, such as `gs://`.
    """
    target = Path(os.path.realpath(local_path(path, "path")))
    with writing(path):
        if _has_contents(target):
            check(target)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except FileExistsError as error:
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR)) from error
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".kgan-") as place:
            new = Path(place, "new")
            new.mkdir()
            yield new
            _swap(target, new, Path(place, "old"), check)


def check_ours(path: str | os.PathLike[str], mark: str, what: str) -> None:
    """Refuse to replace a file that somebody else has written.

    Args:
        path: where a file is to be written.
        mark: what stands in every one of ours.
        what: these are.

    Raises:
        InputError: there is a file, neither empty nor with that mark.
    """
    path = Path(path)
    if path.is_file() and (content := path.read_bytes()) and mark.encode() not in content:
        raise InputError(
            f"{path} is there and is no {what} of kgan's, so it is left as it is: give another "
            "path."
        )


def write_json(path: str | os.PathLike[str], value: Any) -> None:
    """Write JSON, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(value, indent=2) + "\n")


@contextmanager
def alone(path: str | os.PathLike[str]) -> Iterator[None]:
    """Wait until no other process is in such a block for the same file or folder.

    A folder locks itself; beside a file lies `.<name>.lock`, which stays.

    Raises:
        OSError: the lock cannot be written.
    """
    path = Path(path)
    if path.is_dir():
        handle = os.open(path, os.O_RDONLY)
    else:
        lock = path.with_name(f".{path.stem}.lock")
        handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _beside(target: Path) -> Path:
    """A hidden name beside `target` that nobody else takes, as short as names must be."""
    kept = "".join(target.suffixes[-2:])  # Keras wants its `.weights.h5`.
    ending = f".{uuid.uuid4().hex[:12]}{kept}"
    stem = target.name.removesuffix(kept)
    while len(os.fsencode(f".{stem}{ending}")) > _LONGEST and stem:
        stem = stem[:-1]
    return target.with_name(f".{stem}{ending}")


def _swap(target: Path, new: Path, old: Path, check: Callable[[Path], None]) -> None:
    """Put `new` in the place of `target`, which becomes `old`; on an error it stays."""
    with contextlib.suppress(FileNotFoundError):
        target.rename(old)
    try:
        if _has_contents(old):
            check(old)
    except BaseException:  # Not ours: it has its name again, or another where that is taken.
        for place in (target, target.with_name(f"{target.name}.{uuid.uuid4().hex[:12]}")):
            with contextlib.suppress(OSError):
                old.rename(place)
                break
        raise
    try:
        new.rename(target)  # No folder with contents is replaced by renaming.
    except BaseException as error:
        with contextlib.suppress(OSError):
            old.rename(target)
        if isinstance(error, OSError) and error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            raise OSError(error.errno, "another process has written there meanwhile") from error
        raise


def _has_contents(folder: Path) -> bool:
    try:
        return any(folder.iterdir())
    except FileNotFoundError:
        return False


def shown(path: str | os.PathLike[str]) -> str:
    r"""A path as text that can be printed and encoded: bytes that are not UTF-8 as `\xff`."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
