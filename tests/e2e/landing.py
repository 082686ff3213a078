"""What the stories about deploying share: a task with a result in review, what lands it and takes it back, and other people on main."""

from json_schema import command_faults
from persais import Persais
from scripted import fix
from serving import SeenFromBeside
from turns import Turns, git


def push_to_main(remote, **files):
    """Another person's commit on main; gives its id."""
    seed = remote.path.with_suffix(".other")
    if not seed.exists():
        git(remote.path.parent, "clone", "-q", str(remote.path), str(seed))
    git(seed, "pull", "-q", "origin", "main")
    for name, text in files.items():
        (seed / name.replace("__", ".")).write_text(text)
    git(seed, "add", "-A")
    git(seed, "commit", "-qm", "Others")
    git(seed, "push", "-q", "origin", "HEAD:main")
    return git(remote.path, "rev-parse", "main").strip()


class Landing(Turns, SeenFromBeside):
    def main(self, remote):
        return git(remote.path, "rev-parse", "main").strip()

    def ready(self, remote, *steps, verdict="ready", **more):
        """A task with a result in review; gives its number and its commit."""
        self.script(*(steps or (fix(),)))
        result = self.run_on(remote, **more)
        self.expect(result, verdict)
        return result["task"], result["commit"]

    def land(self, *words, code=0, **changes):
        """Gives the last line of `persais deploy` or `rollback`."""
        said = self.persais(*words, "--yes", "--json", **changes)
        self.assertEqual(said.code, code, said.story())
        self.assertEqual(command_faults(["deploy"], said.lines), [], said.story())
        self.nothing_left()
        return said.lines[-1]

    def refused(self, *words, saying, **changes):
        said = self.persais(*words, **changes)
        self.assertEqual((said.code, said.out), (2, ""), said.story())
        self.assertIn(saying, said.err)
        self.assertEqual(said.err.count("\n"), 1, f"one sentence: {said.story()}")

    def others(self, remote, **files):
        return push_to_main(remote, **files)

    def begin_landing(self, *words):
        run = Persais([*map(str, words), "--yes", "--json"], self.environment(), self.folder / "cwd")
        self.running.append(run)
        return run
