"""repository.py NAME WITNESS: what a task leaves in its tree and in the repository there, for whoever takes its work out. Run in the tree.
The programs that are planted write their name into WITNESS, a folder that only the host has."""

import os
import subprocess
import sys
from pathlib import Path

HOOKS = ["pre-commit", "prepare-commit-msg", "commit-msg", "post-commit", "post-checkout", "pre-push", "reference-transaction", "post-index-change"]
PROGRAMS = ["fsmonitor", "clean", "smudge", "process", "diff", "textconv", "gpg", "ssh"]


def git(*words):
    subprocess.run(["git", *words], check=True, stdout=subprocess.DEVNULL)


def program(name, witness, then="exit 0"):
    path = Path.cwd() / ".git" / f"run-{name}"
    path.write_text(f"#!/bin/sh\necho ran >> '{witness}/{name}'\n{then}\n")
    path.chmod(0o755)
    return str(path)


def plant_hooks(witness):
    Path("changed").write_text("changed\n")
    for name in HOOKS:
        hook = Path(".git/hooks") / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(Path(program(name, witness)).read_text())
        hook.chmod(0o755)


def plant_programs(witness):
    set_to = lambda name, value: git("config", name, value)  # noqa: E731
    set_to("core.fsmonitor", program("fsmonitor", witness, "printf '0\\0/\\0'"))
    set_to("filter.one.clean", program("clean", witness, "cat"))
    set_to("filter.two.smudge", program("smudge", witness, "cat"))
    set_to("filter.three.process", program("process", witness, "exit 1"))
    set_to("diff.external", program("diff", witness))
    set_to("diff.text.textconv", program("textconv", witness, 'cat "$1"'))
    set_to("gpg.program", program("gpg", witness, "exit 1"))
    set_to("commit.gpgSign", "true")
    set_to("core.sshCommand", program("ssh", witness, "exit 1"))
    set_to("remote.other.url", "ssh://nowhere.invalid/x")
    Path(".gitattributes").write_text("*.one filter=one\n*.two filter=two\n*.three filter=three\n*.text diff=text\n")
    for kind in ("one", "two", "three", "text"):
        Path(f"a.{kind}").write_text("a\n")


def link(target, name="a-link"):
    os.symlink(target, name)


def chain(_):
    os.symlink("..", "up")
    os.symlink("up/../outside", "a-link")


def put(path, text="changed\n"):
    def do(_):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(text)
    return do


LINKS = {"absolute": lambda _: link("/etc/passwd"), "relative": lambda _: link("../../outside"), "repository": lambda _: link(".git/config"),
         "home": lambda _: link("/home/agent/.ssh"), "proc": lambda _: link("/proc/self/environ"), "chain": chain}
PROTECTED = {"infra/y": put("infra/y"), "INFRA/x": put("INFRA/x"), "Infra/deep/x": put("Infra/deep/x"), ".PERSAIS.TOML": put(".PERSAIS.TOML", ""), ".Persais.toml": put(".Persais.toml", "")}
WAYS = {"hooks": plant_hooks, "programs": plant_programs, **{f"link-{name}": way for name, way in LINKS.items()},
        **{f"protected-{name}": way for name, way in PROTECTED.items()}}
LEFT = {**{f"link-{name}": "a-link" for name in LINKS}, **{f"protected-{name}": name for name in PROTECTED}}  # the path that must not be pushed

if __name__ == "__main__":
    WAYS[sys.argv[1]](sys.argv[2])
