"""Setup, checks and the agent see the history that a CI's checkout has, and nothing of other tasks."""

from turns import AGAIN, Turns, comment, edit, fix, git

COUNT = "test $(git log --oneline | wc -l) = "
CLEAN = "test -z \"$(git status --porcelain)\" && git fsck --no-dangling && "


class History(Turns):
    def told(self, name="team", files=None, commits=5):
        """A remote with `commits` commits, the annotated tag v1.0 on the second, and a lightweight one outside of main."""
        remote = self.remote(name, files=files)
        git(remote.path.with_suffix(".seed"), "remote", "add", "origin", str(remote.path))
        for number in range(2, commits + 1):
            self.commit(remote, f"number {number}")
            if number == 2:
                self.seed(remote, "tag", "-a", "-m", "Release", "v1.0")
        self.seed(remote, "branch", "elsewhere")
        self.seed(remote, "checkout", "-q", "elsewhere")
        self.seed(remote, "commit", "-q", "--allow-empty", "-m", "elsewhere")
        self.seed(remote, "tag", "outside")
        self.seed(remote, "checkout", "-q", "main")
        self.seed(remote, "push", "-q", "--tags", "origin", "main")
        remote.base = git(remote.path, "rev-parse", "main").strip()
        return remote

    def seed(self, remote, *words):
        return git(remote.path.with_suffix(".seed"), *words)

    def commit(self, remote, subject):
        self.seed(remote, "commit", "-q", "--allow-empty", "-m", subject)

    def test_setup_and_checks_see_tags_the_base_branch_and_all_commits(self):
        remote = self.told()
        self.script(fix())
        seen = f"test $(git describe --tags --abbrev=0) = v1.0 && git rev-parse -q --verify origin/main && test \"$(git tag)\" = v1.0 && {CLEAN}"
        setup = f"{seen}{COUNT}5 && git describe > $HOME/version"
        check = (f"{seen}git diff --stat origin/main...HEAD | tee $HOME/stat && "
                 "{ test $(git rev-parse HEAD) = $(git rev-parse origin/main) || grep -q 'calc.py | 2' $HOME/stat; } && "
                 f"{COUNT}$((5 + $(git rev-list origin/main..HEAD | wc -l))) && grep -q ^v1.0-3-g $HOME/version && python3 check.py")
        result = self.run_on(remote, check=check, more=["--setup", setup])
        self.expect(result, "ready")
        self.assertEqual((result["checks"]["before"], result["checks"]["after"]), ("red", "green"))

    def test_a_depth_is_obeyed_and_the_repositorys_own_wins(self):
        remote = self.told()
        self.script(fix())
        self.expect(self.run_on(remote, check=f"{CLEAN}{COUNT}$((1 + $(git rev-list origin/main..HEAD | wc -l))) && ! git describe && python3 check.py",
                                CHECKOUT_DEPTH="1"), "ready")
        own = self.told("own", files={".persais.toml": "depth = 4\n"})
        self.script(fix())
        self.expect(self.run_on(own, check=f"{CLEAN}{COUNT}$((4 + $(git rev-list origin/main..HEAD | wc -l))) && git describe && python3 check.py",
                                CHECKOUT_DEPTH="1"), "ready")
        whole = self.told("whole", files={".persais.toml": "depth = \"all\"\n"})
        self.script(fix())
        self.expect(self.run_on(whole, check=f"{COUNT}$((5 + $(git rev-list origin/main..HEAD | wc -l))) && python3 check.py",
                                CHECKOUT_DEPTH="1"), "ready")

    def test_nothing_of_another_task_can_be_read_and_the_history_not_written(self):
        remote = self.told()
        self.script(fix())
        first = self.run_on(remote)
        self.expect(first, "ready")
        blob = git(remote.path, "rev-parse", f"{first['commit']}:calc.py").strip()
        other = "def add(a, b):\n    return b + a\n"
        self.script(edit("    return a - b\n", "    return b + a\n"))
        hostile = ("at=$(cat .git/objects/info/alternates) && "
                   "! { touch $at/mine || rm -f $at/pack/* || chmod 777 $at/pack || echo x > $at/info; } 2>&1 && "
                   f"git cat-file -e {remote.base} && "
                   f"! git cat-file -e {first['commit']} && ! git cat-file -e {blob} && "
                   f"! git log --all --format=%H | grep {first['commit']} && git fsck && python3 check.py")
        second = self.run_on(remote, check=hostile)
        self.expect(second, "ready")
        self.assertEqual(remote.file(second["commit"], "calc.py"), other)
        self.script(fix())
        self.expect(self.run_on(remote, check=f"git describe && {CLEAN}{COUNT}$((5 + $(git rev-list origin/main..HEAD | wc -l))) && python3 check.py"), "ready")

    def test_a_reply_stands_on_its_branch_and_sees_the_base(self):
        remote = self.told()
        self.script(fix(), comment())
        service = self.serve()
        check = (f"{CLEAN}git describe && git merge-base --is-ancestor origin/main HEAD && "
                 f"test \"$(git diff --name-only origin/main)\" != check.py && {COUNT}$((5 + $(git rev-list origin/main..HEAD | wc -l)))")
        task = self.ready_task(service, remote, check=check + " && python3 check.py")
        self.commit(remote, "main moves on")
        self.seed(remote, "push", "-q", "origin", "main")
        self.reply(task, AGAIN)
        self.wait_again(service, task, "review")
        shown = self.show(task)
        self.assertEqual((shown["verdict"], shown["checks"]["after"]), ("ready", "green"), shown)
        branch, _ = self.one_branch(remote)
        self.assertEqual(len(self.commits(remote, branch)), 2)

    def test_tags_and_branch_follow_what_is_pushed_by_force(self):
        remote = self.told()
        self.script(fix())
        self.expect(self.run_on(remote, check=f"test $(git describe --tags --abbrev=0) = v1.0 && {COUNT}$((5 + $(git rev-list origin/main..HEAD | wc -l))) && python3 check.py"), "ready")
        self.seed(remote, "tag", "-d", "v1.0")
        self.seed(remote, "reset", "-q", "--hard", "HEAD~2")
        self.commit(remote, "another number 4")
        self.seed(remote, "tag", "v2.0")
        self.seed(remote, "push", "-qf", "--prune", "origin", "main", "refs/tags/*")
        self.script(fix())
        check = f"{CLEAN}test $(git tag | grep -v outside) = v2.0 && git describe --tags && {COUNT}$((4 + $(git rev-list origin/main..HEAD | wc -l))) && python3 check.py"
        self.expect(self.run_on(remote, check=check), "ready")
