"""What comes from Telegram: stored before it is acknowledged, whatever it is, and each worked through once."""

import http.client
import json
import re
import socket
import subprocess
import threading

from persais import PATIENCE
from telegramming import SECRET, SECRET_HEADER, TelegramStory, fix


class Hooked(TelegramStory):
    def test_a_message_becomes_a_task_and_a_pushed_branch(self):
        remote = self.remote()
        self.script(fix())
        service = self.begin(remote)
        self.bob.says("Mend the sum.")
        self.bob.chat.wait(lambda m: m.reply_to)  # one message that carries the progress
        service.wait_for_line(r"^review\b")
        self.assertEqual([name.rpartition("-")[0] for name in remote.branches()][0].startswith("mechanic/"), True)
        self.assertEqual(self.telegram.complaints, [])

    def test_strangers_get_silence_and_are_counted(self):
        service = self.begin(self.remote())
        self.eve.says("hello")
        self.eve.says("/start")
        self.bob.says("/help")
        self.bob.chat.wait(lambda m: True)
        self.wait_sql("select count(*) from inbox where done_at is not null", "3")
        self.assertEqual(self.eve.chat.from_bot, [])
        self.assertRegex(service.metrics(), r"(?m)^persais_telegram_refused_total 2$")
        self.assertEqual(service.health()[0], 200)

    def test_before_the_first_admin_start_is_answered_with_where_the_code_is(self):
        service = self.begin(self.remote(), TELEGRAM_ADMIN_IDS=None, ALLOWED_USER_IDS=None)
        line = service.wait_for_line("no admin is known yet")
        for text in ("/start", "/start", "hello", "/start of-a-guess"):
            self.eve.says(text)
        self.wait_sql("select string_agg(effect, ' ' order by update_id) from inbox", "answer refused refused refused")
        told = self.eve.chat.wait("The code is in my log")
        self.assertIn(str(self.eve.id), told.text)
        self.bob.says(re.search("`(/start .*?)`", str(line)).group(1))
        self.bob.chat.wait("You are the admin now.")
        self.ann.says("/start")
        self.wait_sql("select string_agg(effect, ' ' order by update_id) from inbox", "answer refused refused refused command refused")
        self.assertEqual((self.ann.chat.from_bot, self.eve.chat.from_bot, self.telegram.complaints), ([], [told], []))

    def test_the_wrong_secret_is_401_and_stores_nothing(self):
        service = self.begin(self.remote())
        body = self.tell(1, self.bob, "Mend the sum.")
        for wrong in (None, "", SECRET[:-1], SECRET + "x", SECRET.upper()):
            self.assertEqual(self.call(body, secret=wrong), 401, wrong)
        self.assertEqual(service.get("/telegram/webhook")[0], 405)
        self.assertEqual(self.sql("select count(*) from inbox"), "0")

    def test_with_the_right_secret_everything_is_kept_and_answered_200(self):
        self.begin(self.remote())
        odd = [b"", b"{}", b"\xff\xfe\x00", b"[" * 40 + b"]" * 40, b"null", b'{"update_id":"one"}', b'{"update_id":-3}',
               b'{"update_id":9007199254740993}', self.tell(5, self.bob, "x")[:-1], b"a" * (1024 * 1024)]
        nested = b'{"update_id":77,"message":' + b'{"a":' * 40 + b"1" + b"}" * 41
        for body in [*odd, nested, *odd]:
            self.assertEqual(self.call(body), 200, body[:60])
        kept = "select count(*), count(*) filter (where update_id = 77), count(*) filter (where update_id < 0) from inbox"
        self.assertEqual(self.sql(kept).split("|")[:2], ["11", "1"])
        self.wait_sql("select count(*) from inbox where effect = 'unreadable'", "11")

    def test_a_body_over_one_mebibyte_is_413(self):
        self.begin(self.remote())
        self.assertEqual(self.call(b"x" * (1024 * 1024 + 1)), 413)
        self.assertEqual(self.call(b"x" * (1024 * 1024 + 100 * 1024)), 413)
        self.assertEqual(self.call(self.tell(1, self.eve, "hello")), 200)

    def test_a_slow_request_holds_up_no_other(self):
        self.begin(self.remote())
        slow = []
        for _ in range(50):
            link = socket.create_connection(("127.0.0.1", self.port))
            self.addCleanup(link.close)
            link.sendall(f"POST /telegram/webhook HTTP/1.1\r\nHost: x\r\n{SECRET_HEADER}: {SECRET}\r\nContent-Length: 500\r\n\r\n{{".encode())
            slow.append(link)
        for number in range(100):
            self.assertEqual(self.call(self.tell(number, self.eve, "hello")), 200)

    def test_the_same_again_and_in_another_order_changes_nothing(self):
        self.begin(self.remote(), OPENROUTER_API_KEY=None)
        bodies = [self.tell(n, self.bob, f"Do {n}.", date=1_700_000_000 + 10 * n) for n in (12, 10, 11)]
        for body in bodies + bodies[::-1]:
            self.assertEqual(self.call(body), 200)
        self.wait_sql("select count(*) from inbox where effect = 'task'", "3")
        again = self.tell(11, self.bob, "Something else.", date=1_700_009_000)
        self.assertEqual(self.call(again), 200)
        self.wait_sql("select count(*) from inbox where done_at is null", "0")
        self.assertEqual(self.sql("select count(*), count(distinct instruction) from tasks where instruction like 'Do 1%'"), "3|3")

    def test_many_at_once_are_each_stored_before_their_200(self):
        service = self.begin(self.remote(), OPENROUTER_API_KEY=None)
        accepted, lock = [], threading.Lock()

        def client(first):
            link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
            try:
                for number in range(first, first + 100):
                    link.request("POST", "/telegram/webhook", self.tell(number, self.eve, "hello"), {SECRET_HEADER: SECRET})
                    answer = link.getresponse()
                    answer.read()
                    if answer.status != 200:
                        return
                    with lock:
                        accepted.append(number)
            except OSError:
                pass  # killed
            finally:
                link.close()

        threads = [threading.Thread(target=client, args=(1000 * n,)) for n in range(1, 17)]
        for thread in threads:
            thread.start()
        while len(accepted) < 400 and any(thread.is_alive() for thread in threads):
            threads[0].join(0.01)
        service.kill9()
        for thread in threads:
            thread.join()
        self.assertGreaterEqual(len(accepted), 400)
        self.serve()
        stored = set(self.sql("select update_id from inbox").splitlines())
        self.assertEqual([n for n in accepted if str(n) not in stored], [])

    def test_what_a_group_says_before_the_bot_knows_its_own_name_is_heard(self):
        hold = self.telegram.faults.add(method="getMe", hold=True)
        self.serve(**self.bot_settings(GIT_REMOTE_URL=str(self.remote().path), OPENROUTER_API_KEY=None))
        hold.wait(self.telegram)
        team = self.telegram.group("Team", [self.ann, self.bob])
        chat = {"id": team.id, "type": "group", "title": "Team"}
        self.assertEqual(self.call(self.tell(1, self.bob, "@mechanic_bot mend the sum", chat=chat, entities=[
            {"type": "mention", "offset": 0, "length": 13}])), 200)
        self.assertEqual(self.call(self.tell(2, self.eve, "hello")), 200)
        hold.open()
        self.wait_sql("select count(*) from inbox where done_at is null", "0")
        self.assertEqual(self.sql("select effect from inbox order by update_id"), "task\nrefused")

    def test_the_old_secret_is_accepted_while_it_is_changed(self):
        secret = self.folder / "secret"
        secret.write_text(SECRET)
        hold = None
        service = self.begin(self.remote(), TELEGRAM_WEBHOOK_SECRET=None, TELEGRAM_WEBHOOK_SECRET_FILE=str(secret))
        hold = self.telegram.faults.add(method="setWebhook", hold=True)
        new = SECRET + "-new"
        secret.write_text(new)
        service.hang_up()
        hold.wait(self.telegram)
        self.assertEqual([self.call(self.tell(n, self.eve, "x"), secret=s) for n, s in ((1, SECRET), (2, new))], [200, 200])
        hold.open()
        service.wait_for_line("^Telegram sends messages to", start=len(service.lines) - 1)
        self.assertEqual([self.call(self.tell(n, self.eve, "x"), secret=s) for n, s in ((3, SECRET), (4, new), (5, "x" * 9))], [200, 200, 401])

    def test_a_secret_that_nobody_set_is_made_once(self):
        service = self.begin(self.remote(), TELEGRAM_WEBHOOK_SECRET=None)
        first = self.telegram.calls_of("setWebhook")[-1].args["secret_token"]
        service.terminate()
        self.begin(self.remote("other"), TELEGRAM_WEBHOOK_SECRET=None)
        second = self.telegram.calls_of("setWebhook")[-1].args["secret_token"]
        self.assertEqual(first, second)
        self.assertEqual(self.call(self.tell(1, self.eve, "x"), secret=first), 200)
        self.assertEqual(self.call(self.tell(2, self.eve, "x"), secret=SECRET), 401)


class Down(TelegramStory):
    def test_what_came_while_it_was_down_is_worked_through_oldest_first(self):
        service = self.begin(self.remote(), OPENROUTER_API_KEY=None)
        service.terminate()
        for n in range(5):
            self.bob.says(f"Do {n}.", age=3000 - 10 * n)
        self.begin(self.remote("other"), OPENROUTER_API_KEY=None)
        self.wait_sql("select count(*) from inbox where effect = 'task'", "5")
        order = self.sql("select string_agg(instruction, ' ' order by id) from tasks where instruction like 'Do %'")
        self.assertEqual(order, "Do 0. Do 1. Do 2. Do 3. Do 4.")

    def test_ten_thousand_that_wait_at_the_start(self):
        service = self.begin(self.remote(), OPENROUTER_API_KEY=None)
        for first in range(1, 10_001, 1000):  # nobody is told, so they wait for the next start
            values = []
            for number in range(first, first + 1000):
                who = (self.bob, self.ann)[number % 2] if number % 20 < 2 else self.eve
                body = self.tell(number, who, "/lang" if number % 20 < 2 else "hello", date=1_700_000_000 + 5 * number)
                values.append(f"({number}, '\\x{body.hex()}')")
            self.sql("insert into inbox (update_id, body) values " + ",".join(values))
        self.assertEqual(service.terminate(), 0, service.story())
        self.begin(self.remote("other"), OPENROUTER_API_KEY=None)
        self.wait_sql("select count(*) from inbox where done_at is null", "0")
        counts = self.sql("select effect, count(*) from inbox group by effect order by effect").splitlines()
        self.assertEqual(counts, ["command|1000", "refused|9000"])
        self.assertEqual(self.sql("select count(*) from outbox"), "1001", "the answers, and that Eve asks to be let in")


class Starting(TelegramStory):
    def test_is_ready_when_the_webhook_takes_updates_and_not_before(self):
        self.enqueue(self.remote())  # the tables are there
        holder = self.hold("begin; lock table secrets in exclusive mode;")
        service = self.serve(**self.bot_settings(TELEGRAM_WEBHOOK_SECRET=None, OPENROUTER_API_KEY=None))
        self.assertEqual(self.call(self.tell(1, self.bob, "hello")), 503)
        status, said = service.health()
        self.assertEqual((status, said["checks"]["telegram"]), (503, {"status": "down", "message": "not started yet"}))
        holder.communicate("rollback;\n", timeout=PATIENCE)
        service.wait_for_line("^telegram: up")
        self.assertEqual(service.health()[0], 200)
        self.assertEqual(self.call(self.tell(1, self.bob, "hello")), 401)  # it knows its secret, and this is another one

    def hold(self, sql):
        """A session that has done this, and waits for what is written to it."""
        session = subprocess.Popen(self.database.psql(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(session.kill)
        self.adopt_helpers()
        session.stdin.write(sql + "\nselect 'held';\n")
        session.stdin.flush()
        self.assertEqual(session.stdout.readline(), "held\n")
        return session


class Polled(TelegramStory):
    hooked = False

    def test_messages_are_fetched_where_there_is_no_address(self):
        service = self.begin(self.remote(), OPENROUTER_API_KEY=None)
        self.bob.says("Mend the sum.", age=60)  # what is said at once is one instruction
        self.bob.chat.wait(lambda m: m.reply_to)
        self.assertEqual(service.terminate(), 0, service.story())
        self.bob.says("And the product.")
        service = self.begin(self.remote("other"), OPENROUTER_API_KEY=None)
        self.wait_sql("select count(*) from inbox where effect = 'task'", "2")
        self.telegram.wait(lambda: not self.telegram.updates.pending, PATIENCE)

    def test_a_stale_webhook_is_taken_away_and_what_waits_is_kept(self):
        other = self.telegram
        self.bob.says("Mend the sum.")
        other.webhook_url = "http://127.0.0.1:1/telegram/webhook"
        self.begin(self.remote(), OPENROUTER_API_KEY=None)
        self.bob.chat.wait(lambda m: m.reply_to)

    def test_killed_between_the_fetch_and_the_commit_it_is_fetched_again(self):
        service = self.begin(self.remote(), OPENROUTER_API_KEY=None)
        lost = self.telegram.faults.add(method="getUpdates", lost="answer")
        self.bob.says("Mend the sum.")
        lost.wait(self.telegram)
        self.bob.chat.wait(lambda m: m.reply_to)
        service.kill9()
        self.begin(self.remote("other"), OPENROUTER_API_KEY=None)
        self.bob.says("And the product.")
        # Said at once after the first, the second may be a part of it.
        self.wait_sql("select count(*) from inbox where effect in ('task', 'joined')", "2")
        self.assertEqual(self.sql("select count(*) from inbox"), "2")


class Pairing(TelegramStory):
    def test_the_first_who_says_the_code_is_the_admin_also_after_a_restart(self):
        nobody = {"TELEGRAM_ADMIN_IDS": None, "ALLOWED_USER_IDS": None, "OPENROUTER_API_KEY": None}
        service = self.begin(self.remote(), **nobody)
        code = re.search(r"/start (\S+?)`", service.wait_for_line("/start ")["message"])[1]
        self.eve.says("/start guess")
        self.eve.says("hello")
        self.bob.says(f"/start {code}")
        self.bob.chat.wait(lambda m: True)
        self.eve.says(f"/start {code}")
        self.bob.says("Mend the sum.", age=60)
        self.wait_sql("select count(*) from inbox where effect = 'task'", "1")
        self.assertEqual(self.eve.chat.from_bot, [])
        self.assertEqual(service.terminate(), 0, service.story())
        again = self.begin(self.remote("other"), **nobody)
        self.bob.says("And the product.")
        self.wait_sql("select count(*) from inbox where effect = 'task'", "2")
        self.assertFalse([line for line in again.messages() if "/start " in line])


if __name__ == "__main__":
    import unittest
    unittest.main()
