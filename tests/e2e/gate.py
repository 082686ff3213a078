"""A place that a program stops at: it says that it is there, and waits to be let on. No sleeping."""

import os
import select

PATIENCE = 120


def _wait(fd, name):
    if not select.select([fd], [], [], PATIENCE)[0]:
        raise AssertionError(f"nobody came to {name}")


class Gate:
    """For a shell: the command `shell` stops there, in a hook or (the folder being in the PATH) in a check."""

    def __init__(self, folder, name):
        self.announce, self.hold = folder / f"{name}.announce", folder / f"{name}.hold"
        for path in (self.announce, self.hold):
            os.mkfifo(path)
            os.chmod(path, 0o666)
        # Open at both ends: a writer of the announcement never blocks, and a reader of `hold` waits for `let_on`.
        self.heard, self.held = (os.open(path, os.O_RDWR) for path in (self.announce, self.hold))
        self.shell = f"{{ echo here > {self.announce}; read -r _ < {self.hold}; }}"

    def wait(self):
        """Somebody is there; gives what it said."""
        _wait(self.heard, self.announce.name)
        return os.read(self.heard, 65536)

    def let_on(self, times=1):
        os.write(self.held, b"go\n" * times)

    def close(self):
        os.close(self.heard)
        os.close(self.held)


class ModelGate:
    """For a step of the model's script: `step` holds the fields that stop it."""

    def __init__(self, folder, name):
        self.announce, self.opened = folder / f"{name}.step", folder / f"{name}.open"
        os.mkfifo(self.announce)
        self.heard = os.open(self.announce, os.O_RDONLY | os.O_NONBLOCK)  # hangs up when the server has been there
        self.step = {"announce_file": str(self.announce), "hold_until_file": str(self.opened)}

    def wait(self):
        _wait(self.heard, self.announce.name)

    def let_on(self):
        self.opened.touch()

    def close(self):
        self.opened.touch()
        os.close(self.heard)
