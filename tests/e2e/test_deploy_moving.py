"""Somebody else is a moment quicker at each push: what was approved comes there all the same, over nobody's work."""

from landing import Landing
from scripted import RIGHT
from turns import git

MOVES = 20

# A hook may move no branch itself; without what git told it, it is another person who pushes at this moment.
ANOTHER_PERSON = """\
count=$(cat {folder}/count)
[ "$count" -gt 0 ] || exit 0
echo $((count - 1)) > {folder}/count
unset $(git rev-parse --local-env-vars) GIT_QUARANTINE_PATH
export GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.org GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=ada@example.org
git update-ref refs/heads/main $(git commit-tree -p main -m "Others, $count" 'main^{{tree}}')
"""


class Moving(Landing):
    def test_a_main_that_moves_at_twenty_pushes(self):
        remote = self.remote()
        task, _ = self.ready(remote)
        (self.folder / "count").write_text(str(MOVES))
        remote.hook("pre-receive", ANOTHER_PERSON.format(folder=self.folder))
        done = self.land("deploy", task)
        self.assertEqual(done["state"], "deployed")
        self.assertEqual((self.main(remote), remote.file("main", "calc.py")), (done["commit"], RIGHT))
        subjects = git(remote.path, "log", "--format=%s", "--reverse", f"{remote.base}..main").splitlines()
        self.assertEqual(subjects[:-1], [f"Others, {left}" for left in range(MOVES, 0, -1)])
        self.assertEqual(self.show(task)["attempts"]["used"], 0, "what others do uses up no attempt")
