"""A bare remote with a small project, and what stands on it afterwards."""

import os
import subprocess
from pathlib import Path

FILES = {
    "calc.py": "def add(a, b):\n    return a - b\n",
    "check.py": "import calc\nassert calc.add(2, 3) == 5, calc.add(2, 3)\n",
    "README.md": "A sum.\n",
}
CHECK = "python3 check.py"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null",
               "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org", "GIT_COMMITTER_NAME": "Ada",
               "GIT_COMMITTER_EMAIL": "ada@example.org"}


def git(folder, *words):
    done = subprocess.run(["git", "-C", str(folder), *words], env=ENVIRONMENT, capture_output=True, text=True)
    if done.returncode:
        raise AssertionError(f"git {' '.join(words)}: {done.stderr}")
    return done.stdout


class Remote:
    def __init__(self, path, files=None, object_format="sha1", executable=None):
        self.path = Path(path)
        seed = self.path.with_suffix(".seed")
        subprocess.run(["git", "init", "-q", "-b", "main", f"--object-format={object_format}", str(seed)], env=ENVIRONMENT, check=True)
        for name, content in {**FILES, **(files or {})}.items():
            file = seed / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content) if isinstance(content, bytes) else file.write_text(content)
        if executable:
            (seed / executable).chmod(0o755)
        git(seed, "add", "-A")
        git(seed, "commit", "-qm", "A sum")
        subprocess.run(["git", "clone", "-q", "--bare", str(seed), str(self.path)], env=ENVIRONMENT, check=True)
        git(self.path, "config", "http.receivepack", "true")
        self.base = git(self.path, "rev-parse", "main").strip()

    def add_submodule(self, path, commit="5" * 40, url=None):
        """main has one there; without more words of a commit that is nowhere, and without an address."""
        index = {**ENVIRONMENT, "GIT_INDEX_FILE": str(self.path / "submodule.index")}
        script = f"git read-tree main && git update-index --add --cacheinfo 160000,{commit},{path} && "
        if url:
            said = f'[submodule "{path}"]\n\tpath = {path}\n\turl = {url}\n'
            script += f"blob=$(printf '%b' '{said}' | git hash-object -w --stdin) && "
            script += "git update-index --add --cacheinfo 100644,$blob,.gitmodules && "
        script += "git update-ref refs/heads/main $(git commit-tree -p main -m 'A submodule' $(git write-tree))"
        subprocess.run(["sh", "-ec", script], cwd=self.path, env=index, check=True)
        self.base = git(self.path, "rev-parse", "main").strip()

    def branches(self):
        """name: commit, of all branches but main."""
        lines = git(self.path, "for-each-ref", "--format=%(refname:short) %(objectname)", "refs/heads").splitlines()
        return {name: commit for name, commit in map(str.split, lines) if name != "main"}

    def file(self, commit, path):
        return git(self.path, "show", f"{commit}:{path}")

    def changed(self, commit):
        return git(self.path, "diff", "--name-only", self.base, commit).split()

    def people(self, commit):
        return git(self.path, "log", "-1", "--format=%an <%ae> %cn <%ce>", commit).strip()

    def message(self, commit):
        return git(self.path, "log", "-1", "--format=%B", commit)

    def parents(self, commit):
        return git(self.path, "log", "-1", "--format=%P", commit).split()

    def hook(self, name, text):
        file = self.path / "hooks" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text("#!/bin/sh\n" + text)
        os.chmod(file, 0o755)
