"""The wrapper with aider and litellm already loaded: forks one child for each job. For tests only: a cold start
costs 3 s, and a suite of a hundred of them minutes. Tests of what happens while loading start cold instead."""

import json
import os
import signal
import socket
import sys
from pathlib import Path

AGENT = Path(__file__).resolve().parent.parent


def serve(control: socket.socket) -> None:
    sys.path.insert(0, str(AGENT))
    from persais_agent.loading import prepare
    from persais_agent.main import main

    prepare()
    while True:
        request, fds, _, _ = socket.recv_fds(control, 1 << 20, 3)
        if not request:
            return
        pid = os.fork()
        if pid == 0:
            control.close()
            _become(json.loads(request), fds)
            main()
        for fd in fds:
            os.close(fd)
        control.send(json.dumps({"pid": pid}).encode())
        _, status = os.waitpid(pid, 0)
        control.send(json.dumps({"code": os.waitstatus_to_exitcode(status)}).encode())


def _become(request: dict, fds: list[int]) -> None:
    for target, fd in enumerate(fds):
        os.dup2(fd, target)
        os.close(fd)
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])


class Warm:
    """The server's other end, in the tests."""

    def __init__(self, python=sys.executable):
        import subprocess

        mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control = mine
        command = (python, "-I", __file__, str(theirs.fileno()))
        self._process = subprocess.Popen(command, pass_fds=(theirs.fileno(),), stdin=subprocess.DEVNULL)
        theirs.close()

    def start(self, env: dict, cwd, fds: list[int]) -> "Child":
        socket.send_fds(self._control, [json.dumps({"env": env, "cwd": str(cwd)}).encode()], fds)
        return Child(self._answer()["pid"], self._answer)

    def _answer(self) -> dict:
        data = self._control.recv(4096)
        assert data, "the warm process died"
        return json.loads(data)

    def close(self) -> None:
        self._control.close()
        self._process.wait(10)


class Child:
    def __init__(self, pid: int, answer):
        self.pid = pid
        self._answer = answer

    def send_signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def wait(self) -> int:
        return self._answer()["code"]


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
