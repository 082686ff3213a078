"""What a person sees at a terminal: the end of a run, colours, pages."""

import re
import subprocess

from remote import git
from scripted import edit, fix, spoil
from serving import ServedStory
from terminals import OnTerminal

COLOUR = re.compile(r"\x1b\[[0-9;]+m")
LONG = "".join(f"# {n}\n" for n in range(600))


class AtTerminal(ServedStory):
    def on_terminal(self, *words, rows=24, **changes):
        return OnTerminal(words, self.environment(**changes), self.folder / "cwd", rows)

    def run_words(self, remote, *more):
        return ("run", "--repo", remote.path, "--check", "python3 check.py", *more, "Mend the sum.")


class End(AtTerminal):
    """A run ends with what a person looks for next."""

    def test_of_a_run_has_the_agents_words_the_diff_and_what_to_do(self):
        remote, step = self.remote(), fix()
        self.script({**step, "reply": "A sum adds its numbers.\n\n" + step["reply"]})
        said = self.persais(*self.run_words(remote, "--setup", "true"))
        self.assertEqual(said.code, 0, said.story())
        end = said.out[said.out.index("Task "):]
        self.assertRegex(end, r"\n  agent     A sum adds its numbers\.")
        self.assertIn("\n  setup     true (flag)\n", end)
        self.assertIn("-    return a - b\n+    return a + b\n", end)
        self.assertNotIn("\x1b", said.out)
        task = end.split()[1].rstrip(":")
        last = end.strip().splitlines()[-1]
        self.assertTrue(last.startswith(f"  next      `persais diff {task}` shows the change"), last)

    def test_of_a_red_run_has_the_lines_of_the_red_test(self):
        remote = self.remote()
        self.script(spoil())
        said = self.persais(*self.run_words(remote), REPAIR_ROUNDS="0")
        self.assertEqual(said.code, 1, said.story())
        self.assertRegex(said.out, r"\n  red       (.*\n)+?.*AssertionError: 6\n")
        self.assertIn("+    return a * b\n", said.out)

    def test_of_a_run_that_changed_much_shows_a_part_of_it_and_says_so(self):
        remote = self.remote()
        self.script(edit("    return a - b\n", "    return a + b\n" + LONG))
        said = self.persais(*self.run_words(remote))
        self.assertEqual(said.code, 0, said.story())
        self.assertRegex(said.out, r"\n… \d+ more lines of the diff; `persais diff \d+` shows all of it\.\n")
        self.assertIn("# 300\n", said.out)
        self.assertNotIn("# 500\n", said.out)

    def test_of_a_run_at_a_terminal_is_paged_when_it_is_longer_than_the_screen(self):
        remote = self.remote()
        self.script(edit("    return a - b\n", "    return a + b\n" + LONG))
        run = self.on_terminal(*self.run_words(remote), PAGER="sh -c 'echo PAGED; cat >/dev/null; read answer </dev/tty; echo read $answer'")
        run.wait_for("PAGED")
        self.assertNotIn("  next      ", run.text)
        run.type("all\n")
        self.assertEqual(run.wait(), 0, run.text)
        self.assertIn("read all", run.text)
        self.assertIn("  next      ", run.text)

    def test_a_short_one_is_not_paged(self):
        remote = self.remote()
        self.script(fix())
        run = self.on_terminal(*self.run_words(remote), rows=60, PAGER="echo PAGED")
        self.assertEqual(run.wait(), 0, run.text)
        self.assertNotIn("PAGED", run.text)
        self.assertIn("\x1b[32m+    return a + b\x1b[m\n", run.text)


class Colours(AtTerminal):
    def test_are_as_the_two_variables_say(self):
        remote = self.remote()
        self.script(fix())
        result = self.run_on(remote)
        task = result["task"]
        self.assertRegex(self.plain_on_terminal("diff", task), COLOUR)
        self.assertNotRegex(self.plain_on_terminal("diff", task, NO_COLOR="1"), COLOUR)
        self.assertRegex(self.plain_on_terminal("diff", task, NO_COLOR=""), COLOUR)
        self.assertNotRegex(self.plain_on_terminal("diff", task, TERM="dumb"), COLOUR)
        self.assertRegex(self.persais("diff", task, CLICOLOR_FORCE="1").out, COLOUR)
        self.assertNotRegex(self.persais("diff", task, CLICOLOR_FORCE="1", NO_COLOR="1").out, COLOUR)

    def test_of_a_run_too(self):
        remote = self.remote()
        self.script(fix(), fix(), fix())
        run = self.on_terminal(*self.run_words(remote), rows=60, NO_COLOR="1")
        self.assertEqual(run.wait(), 0, run.text)
        self.assertNotRegex(run.text, COLOUR)
        self.assertIn("\r\x1b[K", run.seen.decode(), "the line is rewritten all the same")
        dumb = self.on_terminal(*self.run_words(remote), rows=60, TERM="dumb")
        self.assertEqual(dumb.wait(), 0, dumb.text)
        self.assertNotIn("\x1b", dumb.text)
        forced = self.persais(*self.run_words(remote), CLICOLOR_FORCE="1")
        self.assertRegex(forced.out, r"\x1b\[1;32mTask \d+: ready\.")

    def plain_on_terminal(self, *words, **changes):
        run = self.on_terminal(*words, rows=60, **changes)
        self.assertEqual(run.wait(), 0, run.text)
        return run.text


class Abort(AtTerminal):
    def test_of_a_result_says_what_becomes_of_the_branch_and_asks(self):
        remote = self.remote()
        self.script(fix())
        result = self.run_on(remote)
        task, branch = result["task"], result["branch"]
        for answer in ("n", ""):
            run = self.on_terminal("abort", task)
            run.wait_for("[y/N] ")
            self.assertIn(f"Its branch {branch} stays at {remote.path}", run.text)
            run.type(answer + "\n")
            self.assertEqual(run.wait(), 0, run.text)
            self.assertIn("Nothing was changed.", run.text)
        self.assertEqual(self.persais("show", task, "--json").lines[0]["state"], "review")
        run = self.on_terminal("abort", task)
        run.wait_for("[y/N] ")
        run.type("y\n")
        self.assertEqual(run.wait(), 0, run.text)
        self.assertIn(f"The result of task {task} is discarded; `persais undiscard {task}` takes it up again.", run.text)
        self.assertEqual(self.persais("show", task, "--json").lines[0]["state"], "discarded")
        self.assertEqual(remote.branches(), {branch: result["commit"]})


class Checkout(AtTerminal):
    def test_its_remote_is_the_repository_when_none_is_named(self):
        remote, other = self.remote(), self.remote("other")
        subprocess.run(["git", "clone", "-q", str(remote.path), str(self.folder / "cwd")], check=True)
        git(self.folder / "cwd", "switch", "-q", "-c", "mine")
        git(self.folder / "cwd", "branch", "-q", "--set-upstream-to=main")  # follows another branch of this checkout
        self.script(fix(), fix(), fix())
        said = self.persais("run", "--check", "python3 check.py", "Mend the sum.")
        self.assertEqual(said.code, 0, said.story())
        self.assertIn(f"The repository is {remote.path}, the remote of this checkout.\n", said.out)
        self.assertEqual(len(remote.branches()), 1)
        detached = self.persais("run", "--detach", "Mend the sum.")
        self.assertRegex(detached.out, r"^\d+\n$", "the number alone")
        self.assertIn("the remote of this checkout", detached.err)
        named = self.persais("run", "--detach", "Mend the sum.", GIT_REMOTE_URL=str(other.path))
        self.assertIn(f"The repository is {other.path} (GIT_REMOTE_URL), not {remote.path}", named.err)
        shown = self.persais("show", named.out.strip(), "--json").lines[0]
        self.assertEqual(shown["repository"], str(other.path))
        for task in (detached, named):
            self.assertEqual(self.persais("abort", task.out.strip()).code, 0)

    def test_without_a_remote_is_none(self):
        subprocess.run(["git", "init", "-q", str(self.folder / "cwd")], check=True)
        said = self.persais("run", "Mend it.")
        self.assertEqual((said.code, said.out), (2, ""), said.story())
        self.assertIn("No repository: give --repo URL or PATH, go into a checkout with a remote", said.err)


class States(AtTerminal):
    def test_a_list_is_narrowed_down_by_what_it_shows(self):
        remote = self.remote()
        self.script(fix())
        ready = self.run_on(remote)["task"]
        self.script(default={"reply": "Nothing has to change."})
        nothing = self.run_on(remote)["task"]
        table = self.persais("tasks").out
        for task, shown in ((ready, "ready"), (nothing, "no change")):
            self.assertRegex(table, rf"(?m)^{task} +{shown} ")
            found = self.persais("tasks", "--json", "--state", shown).lines
            self.assertEqual([x["task"] for x in found], [task])
        self.assertEqual([x["task"] for x in self.persais("tasks", "--json", "--state", "in review").lines], [ready])
        self.assertEqual([x["task"] for x in self.persais("tasks", "--json", "--state", "failed").lines], [nothing])


ENGLISH = re.compile(r"[A-Za-z]{2,}[ ,:;]+[a-z]{2,}[ ,:;]+[a-z]{2,}")
NAMED = re.compile(r"`[^`]*`|«[^»]*»|\"[^\"]*\"|persais [a-z]+( [a-z]+)?:|(?m:^(diff|index|---|\+\+\+|@@|[+-]| ).*return.*$)"
                   r"|(?m:^  (агент|репозиторий) .*$)|[\w~@%-]*[/._<>=|(\[][^\s]*|-{1,2}[a-z-]+")


def english_in(text):
    """English words in a row outside of what is named: code, addresses, the diff, the agent's words."""
    return [found.group() for found in ENGLISH.finditer(NAMED.sub("·", text))]


class InRussian(AtTerminal):
    """Who has a Russian environment is spoken to in Russian; what programs read stays."""

    settings = {"LANG": "ru_RU.UTF-8"}

    def assert_russian(self, said, *parts):
        words = said.out + said.err
        self.assertEqual(english_in(words), [], said.story())
        for part in parts:
            self.assertIn(part, words)

    def test_a_task_is_told_of_from_its_beginning_to_its_end(self):
        remote = self.remote()
        self.script(fix())
        ended = self.persais(*self.run_words(remote)[:-1], "Поправь сумму.")
        self.assert_russian(ended, "готова. До изменения проверки", "\n  изменение  1 файл, +1 -1\n", "до изменения не прошли, после прошли",
                            "\n  дальше     Изменение покажет `persais diff ")
        task = re.search(r"Задача (\d+): готова", ended.out)[1]
        self.assert_russian(self.persais("show", task), f"Задача {task}: готова.", "\n  что сделать Поправь сумму.")
        self.assert_russian(self.persais("tasks"), "ЗАДАЧА  СОСТОЯНИЕ", "  готова  ")
        self.assert_russian(self.persais("tasks", "--state", "есть-результат"))
        self.assert_russian(self.persais("log", task), "отправляется ветка")
        refused = self.persais("abort", task)
        self.assertEqual(refused.code, 2)
        self.assert_russian(refused, "чтобы всё равно отклонить результат, добавьте --yes")
        self.assert_russian(self.persais("abort", task, "--yes"), f"Результат задачи {task} отклонён; вернуть его: `persais undiscard {task}`.", "удалить её можно командой `git push")

    def test_a_red_one_too(self):
        self.script(spoil())
        red = self.persais(*self.run_words(self.remote())[:-1], "Испорть сумму.", REPAIR_ROUNDS="0")
        self.assertEqual(red.code, 1, red.story())
        self.assertRegex(red.out, r"Задача \d+: проверки не прошли\. Проверки не проходили до изменения и не проходят сейчас\.\n")
        self.assertRegex(red.out, r"\n  не прошли  (.*\n)+?.*AssertionError: 6\n")

    def test_programs_read_what_they_read_elsewhere(self):
        remote = self.remote()
        self.script(fix())
        run = self.persais(*self.run_words(remote), "--json")
        result = run.lines[-1]
        self.assertEqual(result["sentence"], "The checks were red before the change and are green now.")
        here, elsewhere = (self.persais("show", result["task"], "--json", LANG=lang).lines for lang in ("ru_RU.UTF-8", "C.UTF-8"))
        self.assertEqual(here, elsewhere)

    def test_what_is_wrong_is_told(self):
        self.script()
        self.enqueue(self.remote())  # there are tables, and a task that is not meant
        for words, part, changes in (
                (("show", "99"), "Задачи 99 нет.", {}), (("show", "abc"), "не номер задачи", {}), (("rnu",), "Команды `rnu` нет; может быть, `run`?", {}),
                (("retry", "99"), "Задачи 99 нет.", {}), (("run", " "), "Текст пуст (задание)", {}), (("tasks",), "целое число", {"PORT": "abc"}),
                (("run", "Поправь."), "Репозиторий не указан", {}),
                (("run", "--repo", "/nowhere", "Поправь."), "По адресу /nowhere нет репозитория", {}),
                (("push", "99"), "Задачи 99 нет.", {}), (("tasks",), "не хост вида", {"SETUP_HOSTS": "http://x"}),
                (("tasks",), "не адрес и не диапазон", {"TRUSTED_PROXIES": "zz"}), (("tasks",), "не список моделей", {"ALLOWED_MODELS": "a,,b"}),
                (("tasks", "--state", "odd"), "не одно из", {})):
            with self.subTest(words):
                said = self.persais(*words, **changes)
                self.assertNotEqual(said.code, 0, said.story())
                self.assert_russian(said, part)

    def test_help_and_doctor_and_settings_speak_it(self):
        self.script()
        self.assert_russian(self.persais("help"), "Использование: persais", "Коды завершения:")
        self.assert_russian(self.persais("help", "run"), "Флаги:", "Примеры:")
        seen = self.persais("doctor", "--offline")
        seen.out = re.sub(r"(?m)^(ok|warn|fail|skipped) +[a-z]* *|^Definition of Done$", "· ", seen.out)
        self.assert_russian(seen, "Папка данных", "Не проверено", "запускается и отвечает")
        self.assertIn("не задано", self.persais("config", "check").out)
