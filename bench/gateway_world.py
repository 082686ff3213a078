"""What bench/gateway and bench/memory stand on: an endpoint, the gateway of one or two trees, and the agents that load it."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DEFINED = ["BOOST_ASIO_SEPARATE_COMPILATION", "BOOST_ASIO_NO_DEPRECATED", "BOOST_BEAST_SEPARATE_COMPILATION", "SPDLOG_COMPILED_LIB", "SPDLOG_FMT_EXTERNAL"]
FOREIGN = ["-lpq", "-lcurl", "-lboost_json", "-lboost_url", "-lspdlog", "-lfmt", "-lssl", "-lcrypto", "-lutf8proc", "-lpthread"]
SESSIONS = 8


def build_streams():
    program = ROOT / "build/bench/streams"
    program.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["clang++-19", "-std=c++23", "-O2", "-o", program, ROOT / "bench/streams.cpp"], check=True)
    return program


def build_gateway(name, tree, build):
    """The libraries of `tree`/`build`, which are there, with the bench's own main()."""
    program = ROOT / "build/bench" / f"gateway_side-{name}"
    folder = tree / build
    libraries = [folder / f"libpersais_{one}.a" for one in ("llm", "http", "store", "base")]
    if missing := [str(one) for one in libraries if not one.exists()]:
        sys.exit(f"not built: {', '.join(missing)} (ninja -C {folder} persais_llm)")
    subprocess.run(["clang++-19", "-std=c++23", "-O2", *[f"-D{x}" for x in DEFINED], f"-I{tree}/src", "-I/usr/include/postgresql",
                    "-include", tree / "cmake/foreign.hpp", ROOT / "bench/gateway_side.cpp", *libraries, *FOREIGN, "-o", program], check=True)
    return program


def memory_of(pid):
    """KiB: resident, private (of them, what no other process has and no file), proportional."""
    found = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:])
    of = {name: int(value.split()[0]) for name, value in found.items()}
    return of["Rss"], of["Private_Dirty"], of["Pss"]


def cpu_of(pid):
    """Seconds so far, of all its threads."""
    return sum(int((thread / "schedstat").read_text().split()[0]) for thread in Path(f"/proc/{pid}/task").iterdir()) / 1e9


class Endpoint:
    def __init__(self, streams):
        self.process = subprocess.Popen([streams, "serve"], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Gateway:
    def __init__(self, name, program, server, endpoint):
        self.name = name
        server.sql(f"create database {name}")
        self.folder = tempfile.TemporaryDirectory(prefix="persais-bench-")
        self.socket = f"{self.folder.name}/model.sock"
        self.process = subprocess.Popen(
            [program, f"postgresql:///{name}?host={server.folder}&user=persais", f"http://127.0.0.1:{endpoint.port}/v1", self.socket, str(SESSIONS)],
            stdout=subprocess.PIPE, text=True, env={"PATH": os.environ["PATH"]})
        self.tokens = self.process.stdout.readline().strip()
        if not self.tokens:
            sys.exit(f"the gateway of {name} does not start")
        self.target = f"unix:{self.socket}"

    def cpu(self):
        return cpu_of(self.process.pid)

    def memory(self):
        return memory_of(self.process.pid)

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()


class Direct:
    """No gateway: the agents ask the endpoint itself."""

    def __init__(self, endpoint):
        self.name, self.target, self.tokens = "direct", f"tcp:{endpoint.port}", "none"

    def cpu(self):
        return 0.0


def start_load(streams, side, count, prompt, events, size, gap_us):
    return subprocess.Popen([str(word) for word in (streams, "load", side.target, side.tokens, count, prompt, events, size, gap_us)],
                            stdout=subprocess.PIPE, text=True)


def load(*words):
    """What the agents saw; `cpu_per_mb` is the gateway's, in ms."""
    side, before = words[1], words[1].cpu()
    process = start_load(*words)
    found = json.loads(process.communicate()[0])
    if process.returncode or found["bad"]:
        sys.exit(f"{side.name}: {found['bad']} streams were not whole")
    found["cpu_per_mb"] = (side.cpu() - before) * 1e3 / (found["bytes"] / 1e6)
    found["mb_s"] = found["bytes"] / 1e6 / found["seconds"]
    return found
