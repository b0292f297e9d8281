"""`python -m apps.playground`: begins, answers, ends, and refuses in a sentence."""

import re
import signal
import socket
import urllib.request


def test_it_answers_until_it_is_interrupted(commands, tmp_path):
    command = commands.start("apps.playground", "--port=0", log=tmp_path / "log")
    assert command.wait_for(lambda: "Ctrl-C ends" in command.output, 60), command.output
    (address,) = re.findall(r"open (http://127\.0\.0\.1:\d+)", command.output)
    with urllib.request.urlopen(address, timeout=10) as answer:
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        assert "kgan playground" in answer.read().decode()
    command.send(signal.SIGINT)
    assert command.wait(30) == 0, command.output
    assert "Traceback" not in command.output


def test_what_cannot_be_is_refused(commands, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, output = commands.run("apps.playground", f"--port={port}", log=tmp_path / "1")
    assert status == 2 and f"--port={port} cannot be listened at (Address already in use" in output
    status, output = commands.run("apps.playground", "--models=nowhere", log=tmp_path / "2")
    assert status == 2 and "There is no folder of models nowhere: check the path." in output
