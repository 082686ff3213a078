"""A container under runc: an overlay over the image's files, fresh volumes, the given options; all gone afterwards."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time

import build
import oci
from place import WORK, run

STOP_SECONDS = 10  # as `docker stop` waits


def image_config():
    build.unpacked()
    return json.loads((WORK / "config.json").read_text())["config"]


class Volume:
    """A named volume: what the image has at that path is copied into it when it is new, its owner too."""

    def __init__(self, name, path):
        self.folder = WORK / "volumes" / name
        if not self.folder.exists():
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            source = build.unpacked() / path.lstrip("/")
            if source.exists():
                run("cp", "-a", source, self.folder)
            else:
                self.folder.mkdir()


def drop_volumes():
    shutil.rmtree(WORK / "volumes", ignore_errors=True)


@contextlib.contextmanager
def volume(path, name="scratch"):
    shutil.rmtree(WORK / "volumes" / name, ignore_errors=True)
    made = Volume(name, path)
    try:
        yield made.folder
    finally:
        shutil.rmtree(made.folder, ignore_errors=True)


class Container:
    def __init__(self, name, command, options, image=None, rootfs=None):
        self.name = f"persais-test-{name}-{os.getpid()}"
        self.folder = WORK / "containers" / self.name
        self.image = image or image_config()
        for part in ("upper", "work", "root"):
            (self.folder / part).mkdir(parents=True)
        lower = rootfs or build.unpacked()
        run("mount", "-t", "overlay", "overlay", "-o", f"lowerdir={lower},upperdir={self.folder}/upper,workdir={self.folder}/work",
            self.folder / "root")
        for file, text in (("hosts", "127.0.0.1 localhost persais-test postgres\n"), ("resolv.conf", ""), ("hostname", "persais-test\n")):
            (self.folder / file).write_text(text)
            options.binds.append((self.folder / file, f"/etc/{file}", "rw"))
        words = (self.image.get("Entrypoint") or []) + command
        made = oci.config(self.folder / "root", self.image, options, words, f"/{self.name}")
        (self.folder / "config.json").write_text(json.dumps(made, indent=1))
        self.environment = made["process"]["env"]

    def start(self, **how):
        """Runs it, in the foreground of a process of ours; its output goes where `how` says."""
        self.process = subprocess.Popen(["runc", "--root", WORK / "runc", "run", "--bundle", self.folder, self.name], **how)
        return self.process

    def execute(self, words, environment=(), **how):
        """What `docker exec` and a health check do: as the container's user, with its environment."""
        options = [part for entry in environment for part in ("--env", entry)]
        return subprocess.run(["runc", "--root", WORK / "runc", "exec", *options, self.name, *words], capture_output=True, text=True,
                              check=False, **how)

    def signal(self, number=signal.SIGTERM):
        subprocess.run(["runc", "--root", WORK / "runc", "kill", self.name, str(int(number))], check=True)

    def stop(self):
        """The seconds it took; killed after what `docker stop` allows."""
        began = time.monotonic()
        self.signal()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGKILL)
            self.process.wait()
        return time.monotonic() - began

    def remove(self):
        if hasattr(self, "process") and self.process.poll() is None:
            self.signal(signal.SIGKILL)
            self.process.wait()
        subprocess.run(["runc", "--root", WORK / "runc", "delete", "--force", self.name], check=False, capture_output=True)
        run("umount", self.folder / "root", check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remove()


def docker_run(command, options, name="run", seconds=300, data=None):
    """`docker run --rm IMAGE COMMAND`: its exit code and all it printed."""
    with contextlib.ExitStack() as stack:
        if data is None:
            data = stack.enter_context(volume("/data"))
        options.binds.append((data, "/data", "rw"))
        box = stack.enter_context(Container(name, command, options))
        print("  $ docker run", " ".join(command), flush=True)
        process = box.start(stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        text, _ = process.communicate(timeout=seconds)
        return process.returncode, text
