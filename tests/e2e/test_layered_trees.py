"""With TREES=auto a task's trees are layers over a checkout that tasks share: what a turn, another task or a kill does to one is seen in
none of the others."""

import os
import time

import processes
from remote import CHECK
from scripted import RIGHT, edit, fix, repair, spoil
from serving import SeenFromBeside
from turns import AGAIN, SECOND, THIRD, Turns, comment, git, whole

GREEN_BEFORE = "import calc\nassert calc.add(0, 0) == 0\nassert calc.add(2, 3) != 6\n"  # and red when it is spoiled
MARKED = "test ! -e marked -a ! -e made/marked && touch marked && mkdir -p made && touch made/marked && " + CHECK  # red in a tree that was used before

TASKS = int(os.environ.get("LAYERED_TASKS", "5"))  # nightly layers: 600


def holds(pid, data):
    """What a service has of what a layer could leave: descriptors, mounts, layers that are mounted for anybody, processes."""
    layers = {line.split()[4] for name in os.listdir("/proc") if name.isdigit() for line in mounts_of(name) if str(data) in line}
    descriptors = os.listdir(f"/proc/{pid}/fd") if os.geteuid() == 0 else []  # only root sees those of what is not dumpable
    return {"descriptors": len(descriptors), "mounts": len(mounts_of(pid)), "layers": sorted(layers), "processes": len(processes.below(pid))}


def mounts_of(pid):
    try:
        with open(f"/proc/{pid}/mountinfo") as file:
            return file.readlines()
    except OSError:  # it has ended
        return []


def resident_kib(pid):
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))


class Layered(Turns, SeenFromBeside):
    settings = {"TREES": "auto"}

    def setUp(self):
        super().setUp()
        self.of_others = set(self.checkouts())

    def checkouts(self):
        return sorted(self.data.glob("mirrors/*/trees/*/tree"))

    def shared_trees(self):
        """The test's own; a machine that cannot layer them makes none, and then this class has nothing to say."""
        found = [tree for tree in self.checkouts() if tree not in self.of_others]
        if not found:
            self.skipTest("trees are copied here: " + self.persais("doctor").out)
        return found

    def expect_untouched(self, remote):
        """What is shared is what git has of its commit, and nothing besides. Gives the commits."""
        commits = []
        for tree in self.shared_trees():
            head = (tree / ".git/HEAD").read_text().strip()
            commits.append((tree / ".git" / head[5:]).read_text().strip() if head.startswith("ref: ") else head)
            found = {str(file.relative_to(tree)): file.read_text() for file in tree.rglob("*") if file.is_file() and tree / ".git" not in file.parents}
            paths = git(remote.path, "ls-tree", "-r", "--name-only", commits[-1]).split()
            self.assertEqual(found, {path: remote.file(commits[-1], path) for path in paths}, f"{tree} was written to")
        return commits

    def test_three_turns_stand_on_each_other_and_change_nothing_that_is_shared(self):
        remote = self.remote(files={".gitignore": "made\nmarked\n"})
        self.script(fix(), comment(), whole())
        service = self.serve()
        task = self.ready_task(service, remote, check=MARKED)
        self.expect_untouched(remote)
        for number, (words, text) in enumerate(((AGAIN, SECOND), ("Make it whole numbers.", THIRD)), 2):
            self.reply(task, words)
            self.wait_again(service, task, "review", number)
            branch, commit = self.one_branch(remote)
            self.assertEqual(remote.file(commit, "calc.py"), text)
            self.expect_untouched(remote)
        self.assertEqual(self.commits(remote, branch), ["Mend the sum.", AGAIN, "Make it whole numbers."])
        self.assertEqual(self.show(task)["checks"]["after"], "green")

    def test_a_red_round_and_what_it_left_are_in_no_other_tree(self):
        remote = self.remote(files={"check.py": GREEN_BEFORE, ".gitignore": "made\nmarked\n"})
        self.script(spoil(), repair())
        result = self.run_on(remote, check=MARKED, more=["--setup", "echo set-up > left; echo '# set up' >> README.md; rm check.py; git checkout -q check.py"])
        self.expect(result, "ready")
        self.assertEqual((result["checks"]["before"], result["checks"]["rounds"]), ("green", 1))
        self.expect_branch(remote, result, ["calc.py"], calc__py=RIGHT)
        self.expect_untouched(remote)

    def test_two_tasks_over_one_checkout_see_only_their_own_work(self):
        remote, hold = self.remote(files={"more.py": "def more(a):\n    return a\n"}), self.model_gate()
        other = edit("    return a\n", "    return a + 1\n", path="more.py", match="more.py adds")
        self.script(fix(match="Mend the sum", **hold.step), other)
        service = self.serve(TASKS_PARALLEL="2")
        first = self.enqueue(remote, check="git diff --quiet && " + CHECK)
        hold.wait()  # its tree is there, and its agent asks
        second = self.enqueue(remote, "more.py adds one.", check="! grep -q 'a + b' calc.py && grep -q 'a + 1' more.py && git diff --quiet")
        service.wait_task(second, "review")
        self.assertEqual(len(self.shared_trees()), 1, "both are over the same one")
        hold.let_on()
        service.wait_task(first, "review")
        self.in_review.update((first, second))
        changed = {task: remote.changed(self.show(task)["commit"]) for task in (first, second)}
        self.assertEqual(changed, {first: ["calc.py"], second: ["more.py"]})
        self.expect_untouched(remote)

    def green_with(self, remote, setup, check, words, **settings):
        """A task whose checks are green before its change and after."""
        result = self.run_on(remote, words, check=check, more=["--setup", setup], **settings)
        self.expect(result, "ready")
        self.assertEqual(result["checks"]["before"], "green")

    def set_up_results(self):
        return [left for tree in self.shared_trees() for left in tree.parent.glob("setups/*/tree")]

    def test_the_second_task_of_a_commit_finds_what_the_first_set_up(self):
        remote = self.remote(files={"check.py": GREEN_BEFORE, "requirements.txt": "one\n", "kept/file": "kept\n", "gone/file": "", "note.md": "note\n"})
        self.script(edit("one\n", "two\n", path="requirements.txt", match="Two."), *[fix(match=f"Number {number}.", name=f"fix-{number}") for number in range(4)])
        setup = ("cat /proc/sys/kernel/random/uuid > id && cp requirements.txt installed && mv kept moved && rm -r gone && touch note.md && date > $HOME/set-up && "
                 "mkdir -p made/deep")
        # Red where something of an earlier run is seen, or of the setup is not, or belongs to somebody else.
        checks = ("test ! -e used && touch used $HOME/used made/used && cmp moved/file kept/file && test -f gone/file && git diff --quiet && mv made new && "
                  "rm -r new/deep moved && test -s $HOME/set-up && test $(id -u) = $(stat -c %u installed) && echo >> id && " + CHECK)
        self.green_with(remote, setup, checks, "Number 0.")
        shared = self.set_up_results()
        if not shared:
            self.skipTest("the trees of checks are copied here")
        by_the_first = f"grep -q {(shared[0] / 'id').read_text().strip()} id && "
        self.green_with(remote, setup, by_the_first + checks, "Number 1.")
        self.green_with(remote, setup, "cmp requirements.txt installed && " + checks, "Two.")  # the change is to what it reads
        self.green_with(remote, setup + " && true", "! " + by_the_first + checks, "Number 2.")
        self.green_with(remote, setup, "! " + by_the_first + checks, "Number 3.", SETUP_HOSTS="other.example.org")
        self.assertEqual(len(self.set_up_results()), 3, "that of the changed commit is its own")
        self.assertEqual([path for path in shared[0].rglob("used")] + [(shared[0] / "id").read_text().count("\n")], [1])
        self.assertEqual({path.owner() for path in shared[0].rglob("*") if path.is_file()}, {"root"})

    def test_kill_9_while_a_layer_is_worked_in_and_the_turn_is_done_anew(self):
        remote, hold = self.remote(), self.model_gate()
        model = self.script(fix(), comment(**hold.step))
        service = self.serve()
        task = self.ready_task(service, remote)
        first = self.show(task)["commit"]
        self.reply(task)
        hold.wait()
        service.kill9()
        self.assertEqual(service.left, [], "what worked in the layer ended with the service")
        hold.let_on()
        self.dead_leases_end()
        service = self.serve()
        service.wait_task(task, "review")
        branch, commit = self.one_branch(remote)
        self.assertEqual((remote.parents(commit), remote.file(commit, "calc.py")), ([first], SECOND))
        self.assertGreaterEqual(len(model.requests()), 2)
        self.expect_untouched(remote)
        self.assertEqual([line for line in open("/proc/self/mounts") if str(self.data) in line], [], "nothing stays mounted")

    def settled(self, service):
        """What it has when the folder of the last task, which goes after its end was told, is gone."""
        until = time.monotonic() + processes.SOON
        while list(self.data.glob("tasks/*")) and time.monotonic() < until:
            time.sleep(0.05)
        self.assertEqual(list(self.data.glob("tasks/*")), [])
        return holds(service.pid, self.data)

    def test_tasks_leave_descriptors_mounts_and_memory_as_they_were(self):
        remote = self.remote()
        self.script(*[fix()] * (TASKS + 4))
        service = self.serve(TASKS_PARALLEL="1")
        for _ in range(4):  # what is made once: connections, the kept agent, the checkout
            self.ready_task(service, remote)
        before, memory = self.settled(service), resident_kib(service.pid)
        self.assertEqual(before["layers"], [], "a layer is mounted for nobody but its programs")
        for _ in range(TASKS):
            self.ready_task(service, remote)
        self.assertEqual(self.settled(service), before)
        self.assertEqual(len(self.shared_trees()), 1)
        self.assertLess(resident_kib(service.pid), memory + (16 << 10), "kilobytes of memory")

    def test_a_damaged_checkout_is_made_anew_and_not_believed(self):
        remote = self.remote()
        self.script(fix(), fix(name="again"))
        self.expect(self.run_on(remote), "ready")
        tree, = self.shared_trees()
        (tree.parent / "state").unlink()  # as a kill in the middle of making it leaves it
        (tree / "calc.py").write_text("raise SystemExit('half made')\n")
        result = self.run_on(remote)
        self.expect(result, "ready")
        self.assertEqual((result["checks"]["before"], remote.file(result["commit"], "calc.py")), ("red", RIGHT))
        self.expect_untouched(remote)
