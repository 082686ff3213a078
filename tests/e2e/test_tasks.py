"""The commands that stand beside a running service: tasks, show, diff, log, abort, retry."""

import os
import pty
import re
import subprocess

from persais import PATIENCE, PROGRAM, Persais
from remote import git
from scripted import RIGHT, edit, fix, repair, spoil
from serving import ServedStory

ESCAPE = b"\x1b"


class Beside(ServedStory):
    """A service works; people look."""

    def ready_task(self, service, remote, *words, **more):
        task = self.enqueue(remote, *words, **more)
        service.wait_task(task, "review")
        return task

    def one(self, *words, **changes):
        """The one line of a command with --json."""
        said = self.persais(*words, "--json", **changes)
        self.assertEqual((said.code, said.err), (0, ""), said.story())
        self.assertEqual(len(said.lines), 1, said.story())
        return said.lines[0]

    def test_a_task_is_listed_shown_and_told(self):
        remote, model = self.remote(), self.script(spoil(), repair())
        service = self.serve()
        task = self.ready_task(service, remote)

        listed = [line for line in self.persais("tasks", "--json").lines if line["task"] == task]
        self.assertEqual([(x["event"], x["state"], x["verdict"]) for x in listed], [("task", "review", "ready")])
        table = self.persais("tasks", COLUMNS="80").out
        self.assertRegex(table, rf"(?m)^TASK +STATE +SINCE +COST .*INSTRUCTION$")
        self.assertRegex(table, rf"(?m)^{task} +ready .*\$0\.\d{{4}} .*Mend the sum\.$")
        self.assertLessEqual(max(map(len, table.splitlines())), 80)

        shown = self.one("show", task)
        branch, commit = next(iter(remote.branches().items()))
        self.assertEqual((shown["branch"], shown["commit"], shown["base"]), (branch, commit, remote.base))
        self.assertEqual(shown["checks"], {"command": "python3 check.py", "source": "flag", "before": "red", "after": "green",
                                           "rounds": 1, "said": ""})
        usage = [request["usage"] for request in model.requests()]
        self.assertEqual(shown["tokens"], {"sent": sum(u["prompt_tokens"] for u in usage),
                                           "received": sum(u["completion_tokens"] for u in usage)})
        self.assertAlmostEqual(shown["cost_usd"], sum(u["cost"] for u in usage), places=5)
        card = self.persais("show", task).out
        for words in (f"Task {task}: ready. ", "red before, green after, 1 repair round", branch, f"persais diff {task}"):
            self.assertIn(words, card)

        log = self.persais("log", task)
        self.assertEqual(log.code, 0, log.story())
        states = re.findall(r"(?m)^\d\d:\d\d:\d\d  (.+)$", log.out)
        self.assertEqual(states, ["preparing", "coding", "checking", "coding, repair round 1", "checking, repair round 1",
                                  "pushing", "in review"])
        self.assertIn("          | ", log.out, "the agent's words")
        self.assertTrue(log.out.endswith(f"Task {task}: ready. The checks were red before the change and are green now.\n"))
        lines = self.persais("log", task, "--json").lines
        self.assertEqual([x["state"] for x in lines if x["event"] == "state"],
                         ["preparing", "coding", "checking", "coding", "checking", "publishing", "review"])
        told = [x.get("state") or x["text"].partition(" ")[0] for x in lines if x["event"] in ("state", "progress")]
        self.assertEqual(told[told.index("publishing"):], ["publishing", "pushing", "review"], "each line at its place")
        self.assertEqual((lines[-1]["event"], lines[-1]["verdict"]), ("end", "ready"))
        self.assertEqual({x["task"] for x in lines}, {task})

    def test_the_newest_is_meant_when_none_is_named(self):
        remote = self.remote()
        self.script(fix())
        task = self.ready_task(self.serve(), remote)
        self.assertEqual(self.one("show")["task"], task)
        self.assertTrue(self.persais("show").out.startswith(f"Task {task}: "))
        self.assertTrue(self.persais("log").out.startswith(f"Task {task}, the newest:\n"))
        self.assertEqual(self.persais("diff").err, f"Task {task}, the newest:\n")

    def test_a_diff_is_a_patch_that_git_takes(self):
        remote = self.remote()
        self.script(fix())
        task = self.ready_task(self.serve(), remote)
        said = self.persais("diff", task)
        self.assertEqual((said.code, said.err), (0, ""), said.story())
        clone = self.folder / "clone"
        git(self.folder, "clone", "-q", str(remote.path), str(clone))
        subprocess.run(["git", "-C", str(clone), "apply", "-"], input=said.out, text=True, check=True)
        self.assertEqual((clone / "calc.py").read_text(), RIGHT)
        self.assertNotIn("\x1b", said.out)
        coloured = self.persais("diff", task, "--colour", "always").out
        self.assertIn("\x1b[32m+    return a + b\x1b[m\n", coloured)
        stat = self.persais("diff", task, "--stat")
        self.assertRegex(stat.out, r"^ calc\.py \| 2 \+-\n 1 file changed, 1 insertion\(\+\), 1 deletion\(-\)\n$")

    def test_a_diff_is_not_obeyed_by_a_terminal(self):
        remote = self.remote()
        self.script(edit("    return a - b\n", "    return a + b  # \x1b[2J\x1b]0;gone\x07\n"))
        task = self.ready_task(self.serve(), remote)
        self.assertIn(b"\x1b[2J", self.persais("diff", task).out.encode(), "the patch itself is whole")
        shown = self.on_terminal("diff", task)
        self.assertIn(b"^[[2J^[]0;gone^G", shown)
        self.assertNotIn(b"\x1b[2J", shown)
        self.assertIn(b"\x1b[32m+", shown, "our own colours")
        self.assertNotIn(ESCAPE, self.on_terminal("diff", task, "--colour", "never"))

    def on_terminal(self, *words):
        """What `persais WORDS` writes to a terminal."""
        ours, theirs = pty.openpty()
        run = subprocess.Popen([str(PROGRAM), *map(str, words)], env=self.environment(), cwd=self.folder / "cwd",
                               stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.DEVNULL)
        os.close(theirs)
        said = b""
        try:
            while piece := os.read(ours, 65536):
                said += piece
        except OSError:  # the other end is closed
            pass
        os.close(ours)
        self.assertEqual(run.wait(PATIENCE), 0)
        return said

    def test_what_red_checks_say_is_in_the_log(self):
        remote, hold = self.remote(), self.model_gate()
        self.script(spoil(), repair(**hold.step))
        service = self.serve()
        task = self.enqueue(remote)
        hold.wait()
        log = self.persais("log", task).out
        self.assertRegex(log, r"The checks are red:\n(          \| .*\n)*          \| .*AssertionError: 6")
        self.assertIn("AssertionError: 6", [x for x in self.persais("log", task, "--json").lines if x["event"] == "checks"][0]["text"])
        self.assertIn("is coding, repair round 1", self.persais("show", task).out)
        self.assertRegex(self.persais("tasks").out, rf"(?m)^{task} +coding, round 1 ")
        hold.let_on()
        service.wait_task(task, "review")

    def test_a_task_that_waits_says_for_what(self):
        remote = self.remote()
        self.script(default={"error": {"status": 402, "message": "Insufficient credits. Add more."}, "times": 0})
        service = self.serve()
        task = self.enqueue(remote)
        service.wait_task(task, "waiting")
        self.assertRegex(self.persais("tasks").out, rf"(?m)^{task} +waiting: model credit ")
        shown = self.one("show", task)
        self.assertEqual((shown["waits"]["for"], shown["verdict"]), ("credit", ""))
        card = self.persais("show", task).out
        self.assertTrue(card.startswith(f"Task {task} waits, because "), card)
        self.assertRegex(card, r"  waits       looked at again in (59|60) min|looked at again in 1 h")
        self.assertIn("Add credit", card)
        said = self.persais("abort", task)
        self.assertEqual((said.code, said.out), (0, f"Task {task} is aborted.\n"), said.story())


class Follow(ServedStory):
    def follow(self, *words):
        run = Persais(["log", "--follow", "--json", *map(str, words)], self.environment(), self.folder / "cwd")
        self.running.append(run)
        return run

    def test_goes_on_to_the_end(self):
        remote, hold = self.remote(), self.model_gate()
        self.script(fix(**hold.step))
        self.serve()
        task = self.enqueue(remote)
        hold.wait()
        run = self.follow(task)
        run.wait_line(event="state", state="coding")
        self.assertFalse(any(line["event"] == "end" for line in run.lines))
        hold.let_on()
        self.assertEqual(run.wait(), 0, run.story())
        self.assertEqual(run.states(), ["preparing", "coding", "checking", "publishing", "review"])
        self.assertEqual(run.lines[-1]["verdict"], "ready")

    def test_ends_with_ctrl_c(self):
        remote, hold = self.remote(), self.model_gate()
        self.script(fix(**hold.step))
        service = self.serve()
        task = self.enqueue(remote)
        hold.wait()
        run = self.follow(task)
        run.wait_line(event="state", state="coding")
        run.interrupt()
        self.assertEqual(run.wait(), 130, run.story())
        self.assertEqual(run.errors, b"")
        hold.let_on()
        service.wait_task(task, "review")

    def test_ends_when_nobody_reads(self):
        remote, hold = self.remote(), self.model_gate()
        self.script(fix(**hold.step))
        service = self.serve()
        task = self.enqueue(remote)
        hold.wait()
        run = subprocess.Popen([str(PROGRAM), "log", "--follow", task], env=self.environment(), cwd=self.folder / "cwd",
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self.assertTrue(run.stdout.readline())
        run.stdout.close()
        hold.let_on()
        service.wait_task(task, "review")  # there was more to write
        self.assertEqual(run.wait(PATIENCE), 0)


class Wishes(ServedStory):
    def test_abort_of_a_task_that_is_worked_on(self):
        remote, hold = self.remote(), self.model_gate()
        self.script(fix(**hold.step, chunk_chars=16, after_chunks=2))
        service = self.serve()
        task = self.enqueue(remote)
        hold.wait()
        said = self.persais("abort", task)
        self.assertEqual(said.code, 0, said.story())
        self.assertEqual(said.out, f"Task {task} is under way; its worker was asked to abort it.\nTask {task} is aborted.\n")
        service.wait_task(task, "aborted")
        self.assertEqual(remote.branches(), {})
        again = self.persais("abort", task)
        self.assertEqual((again.code, again.out), (2, ""))
        self.assertEqual(again.err, f"persais abort: Task {task} has already ended: aborted.\n")

    def test_retry_makes_a_new_task_that_names_the_old(self):
        remote = self.remote()
        self.script({"reply": "Nothing has to change."}, {"reply": "Nothing has to change."}, fix())
        service = self.serve()
        task = self.enqueue(remote)
        service.wait_task(task, "failed")
        said = self.persais("retry", task)
        self.assertEqual(said.code, 0, said.story())
        again = said.out.strip()
        self.assertEqual(said.err, f"Task {again} does task {task} anew.\n")
        service.wait_for_line("^(review|failed)", task=again)
        shown = {number: self.persais("show", number, "--json").lines[0] for number in (task, again)}
        self.assertEqual((shown[again]["retry_of"], shown[task]["retried_as"]), (task, again))
        self.assertEqual(shown[again]["instruction"], shown[task]["instruction"])

    def test_what_cannot_be_is_one_sentence(self):
        remote = self.remote()
        self.script(fix())
        service = self.serve()
        task = self.enqueue(remote)
        service.wait_task(task, "review")
        for words in (["show", "999"], ["diff", "999"], ["log", "999"], ["abort", "999"], ["retry", "999"]):
            said = self.persais(*words)
            self.assertEqual((said.code, said.out), (2, ""), said.story())
            self.assertEqual(said.err, f"persais {words[0]}: There is no task 999.\n")
        for words in (["abort"], ["retry"], ["show", "one"], ["show", "-1"], ["tasks", "--state", "lost"], ["tasks", "-n", "0"],
                      ["tasks", "--all", "--state", "review"], ["diff", task, "--colour", "pink"]):
            said = self.persais(*words)
            self.assertEqual((said.code, said.out), (2, ""), said.story())


class Empty(ServedStory):
    def test_no_tasks_are_no_trouble(self):
        for words in (["show"], ["diff"], ["log"]):
            said = self.persais(*words)
            self.assertEqual((said.code, said.out), (2, ""), said.story())
            self.assertIn("There are no tasks yet", said.err)
            self.assertEqual(said.err.count("\n"), 1, said.err)
        said = self.persais("tasks")
        self.assertEqual((said.code, said.err), (0, ""), said.story())
        self.assertIn("No tasks yet", said.out)
        self.assertEqual(self.persais("tasks", "--json").out, "")


class Alone(ServedStory):
    """Without a service."""

    def test_a_queued_task_is_seen_and_aborted(self):
        task = self.enqueue(self.remote())
        self.assertRegex(self.persais("tasks").out, rf"(?m)^{task} +queued ")
        self.assertEqual([x["task"] for x in self.persais("tasks", "--state", "queued", "--json").lines], [task])
        said = self.persais("diff", task)
        self.assertEqual((said.code, said.out), (1, ""))
        self.assertEqual(said.err, f"persais diff: Task {task} has made nothing yet: it is queued.\n")
        said = self.persais("retry", task)
        self.assertEqual((said.code, said.out), (2, ""))
        self.assertIn("has not ended", said.err)
        self.assertEqual(self.persais("abort", task).out, f"Task {task} is aborted.\n")
        said = self.persais("retry", task, AIDER_MODEL="tests/other", BUDGET_TASK_USD="7.5")
        self.assertEqual(said.code, 0)
        self.assertIn("no service runs on this data folder", said.err)
        shown = self.persais("show", said.out.strip(), "--json").lines[0]
        self.assertEqual((shown["model"], shown["budget_usd"]), ("tests/other", 7.5), "the settings of today")
        self.assertEqual([x["state"] for x in self.persais("tasks", "--json", "-n", "2").lines], ["queued", "aborted"])
        self.assertIn("Older ones: -n 2", self.persais("tasks", "-n", "1").out)

    def test_what_is_not_on_this_disk_is_named(self):
        remote = self.remote()
        self.script(fix())
        result = self.run_on(remote)
        (self.data / "mirrors").rename(self.root / "other")
        self.addCleanup((self.root / "other").rename, self.data / "mirrors")
        said = self.persais("diff", result["task"])
        self.assertEqual((said.code, said.out), (1, ""), said.story())
        self.assertIn(result["branch"], said.err)
        self.assertFalse((self.data / "mirrors").exists())

    def test_the_diff_of_a_task_that_timed_out_is_kept(self):
        remote, hold = self.remote(), self.model_gate()
        self.script(spoil(), repair(**hold.step))
        run = self.begin(remote, TASK_IDLE_TIMEOUT="5s")
        result = self.finish(run)
        self.expect(result, "timed_out")
        self.expect_nothing_pushed(remote)
        said = self.persais("diff", result["task"])
        self.assertEqual(said.code, 0, said.story())
        self.assertIn("+    return a * b", said.out)
        self.assertIn("(not pushed)", self.persais("show", result["task"]).out)

    def test_why_a_result_is_red_is_told_after_its_end(self):
        remote = self.remote()
        for rounds, steps in (("0", (spoil(),)), ("1", (spoil(), repair(reply="I do not know.")))):
            with self.subTest(rounds=rounds):
                self.script(*steps)
                result = self.run_on(remote, REPAIR_ROUNDS=rounds)
                self.expect(result, "tests_red")
                log = self.persais("log", result["task"]).out
                self.assertRegex(log, r"The checks are red:\n(          \| .*\n)*          \| .*AssertionError: 6\n(.*\n)*Task ")
                self.assertRegex(self.persais("show", result["task"]).out, r"\n  red +(.*\n)+ {14}.*AssertionError: 6\n")
                shown = self.persais("show", result["task"], "--json").lines[0]
                self.assertIn("AssertionError: 6", shown["checks"]["said"])

    def test_a_database_that_is_away(self):
        (self.folder / "data/postgres/cluster").mkdir(parents=True)
        for words in (["tasks"], ["show", "1"], ["diff", "1"], ["log", "1"], ["abort", "1"], ["retry", "1"]):
            said = self.persais(*words, DATABASE_URL=None, PERSAIS_DATA=str(self.folder / "data"), PERSAIS_POSTGRES=str(self.folder))
            self.assertEqual((said.code, said.out), (3, ""), said.story())
            self.assertEqual(said.err.count("\n"), 1, said.err)

