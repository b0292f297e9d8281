"""Files and folders that appear whole or not at all."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kgan.errors import InputError, RunError, WriteError
from kgan.files import check_ours, local_path, replacing, replacing_folder, write_json


def there(folder):
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize(
    "path", ["gs://a/b", "s3://a", "hdfs://h:9/a", "HTTPS://a", "abc://a", Path("gs://a/b")]
)
def test_a_path_with_a_scheme_is_refused_by_name(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"`output_dir` must be .* Received: \w+:/"):
        local_path(path, "output_dir")
    for write in (replacing(path), replacing_folder(path, lambda folder: None)):
        with pytest.raises(InputError, match="a path of this machine"), write:
            pass
    assert not list(tmp_path.iterdir())


def test_other_paths_are_taken_and_home_is_put_in_full(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert local_path("~/a", "x") == tmp_path / "a"
    for path in ("runs/a", "/a:b/c", "a:b", "C:/a", "~nobody-at-all/a", "."):
        assert local_path(path, "x") == Path(path)


def test_the_new_file_comes_whole_and_the_old_one_stays_on_an_error(tmp_path):
    path = tmp_path / "a.json"
    write_json(path, [1])
    with pytest.raises(KeyError), replacing(path) as temporary:
        temporary.write_text("half")
        assert temporary.suffix == ".json" and temporary.name.startswith(".a.")
        raise KeyError
    assert there(tmp_path) == {"a.json": "[\n  1\n]\n"}


@pytest.mark.parametrize("name", ["x" * 255, "x" * 249 + ".keras", "\N{SNOWMAN}" * 85])
def test_names_as_long_as_names_may_be(tmp_path, name):
    with replacing(tmp_path / name) as temporary:
        temporary.write_text("new")
    assert there(tmp_path) == {name: "new"}


def test_a_link_stays_one(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "elsewhere" / "file")
    for content in ("one", "two"):
        with replacing(link) as temporary:
            temporary.write_text(content)
        assert link.is_symlink()
        assert there(tmp_path / "elsewhere") == {"file": content}


def test_what_is_no_file_is_never_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name, why in (("pipe", "Invalid argument"), ("folder", "Is a directory")):
        with (
            pytest.raises(RunError, match=rf"{name} cannot be written: {why}\."),
            replacing(tmp_path / name) as temporary,
        ):
            temporary.write_text("new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "pipe"]
    assert (tmp_path / "pipe").is_fifo()


def test_many_writers_of_one_file_leave_one_whole(tmp_path):
    path, barrier = tmp_path / "a", threading.Barrier(8)

    def write(letter):
        barrier.wait()
        for _ in range(20):
            with replacing(path) as temporary:
                temporary.write_text(letter * 10_000)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, "abcdefgh"))
    content = path.read_text()
    assert content == content[0] * 10_000
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_many_writers_of_one_folder_leave_one_whole(tmp_path):
    target, barrier = tmp_path / "a", threading.Barrier(8)

    def write(letter):
        barrier.wait()
        for _ in range(20):
            try:
                with replacing_folder(target, lambda folder: None) as new:
                    for name in "xyz":
                        (new / name).write_text(letter)
            except WriteError as error:  # Who comes while another one's takes its place.
                assert "another process has written there meanwhile" in str(error)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, "abcdefgh"))
    found = there(target)
    assert set(found) == {"x", "y", "z"} and len({*found.values()}) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_folder_is_replaced_where_it_may_be_and_looked_at_again(tmp_path):
    target = tmp_path / "a"

    def check(folder):
        if (folder / "theirs").exists():
            raise RunError("theirs")

    with replacing_folder(target, check) as new:
        (new / "ours").write_text("1")
    with replacing_folder(target, check) as new:
        (new / "ours").write_text("2")
    with pytest.raises(RunError, match="theirs"), replacing_folder(target, check) as new:
        (new / "ours").write_text("3")
        (target / "theirs").write_text("meanwhile")
    assert there(tmp_path) == {"a/ours": "2", "a/theirs": "meanwhile"}
    with pytest.raises(RunError, match="theirs"), replacing_folder(target, check):
        pytest.fail("it is known before")
    assert there(tmp_path) == {"a/ours": "2", "a/theirs": "meanwhile"}


def fill(path, size):
    with path.open("wb") as file:
        file.write(b"x" * size)


def test_a_full_disk_leaves_what_was_there(small_disk):
    write_json(small_disk / "a.json", "old")
    with replacing_folder(small_disk / "b", lambda folder: None) as new:
        (new / "c").write_text("old")
    with (
        pytest.raises(RunError, match=r"a\.json cannot be written: No space left on device\. What"),
        replacing(small_disk / "a.json") as temporary,
    ):
        fill(temporary, 3_000_000)
    with (
        pytest.raises(RunError, match="b cannot be written: No space left on device"),
        replacing_folder(small_disk / "b", lambda folder: None) as new,
    ):
        fill(new / "c", 3_000_000)
    assert there(small_disk) == {"a.json": '"old"\n', "b/c": "old"}


def test_another_file_is_told_by_its_mark(tmp_path):
    path = tmp_path / "page.md"
    check_ours(path, "Made with", "page")
    path.touch()
    check_ours(path, "Made with", "page")
    path.write_text("# Mine\n\n## Made with\n")
    check_ours(path, "Made with", "page")
    path.write_text("# Mine\n")
    with pytest.raises(InputError, match=r"page\.md is there and is no page of kgan's"):
        check_ours(path, "Made with", "page")


def test_what_is_somebody_elses_is_kept_where_its_name_is_taken(tmp_path):
    target = tmp_path / "a"

    def check(folder):
        if (folder / "theirs").exists():
            target.mkdir()  # A third one comes just now.
            (target / "x").write_text("third")
            raise RunError("theirs")

    with pytest.raises(RunError, match="theirs"), replacing_folder(target, check) as new:
        (new / "ours").write_text("1")
        target.mkdir()
        (target / "theirs").write_text("2")
    assert sorted(there(tmp_path).values()) == ["2", "third"]
    assert there(target) == {"x": "third"}
