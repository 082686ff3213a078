"""Faults by script: each falls where it should, does what it says, and leaves the rest alone."""

import http.client
import unittest

from testing import Case


class Faults(Case):
    def setUp(self):
        super().setUp()
        self.met()

    def test_a_429_and_impatience(self):
        self.fake.limits.clock = lambda: 1000.0
        self.fake.faults.add(method="sendMessage", retry_after=7)
        answer = self.wrong("sendMessage", 429, "Too Many Requests: retry after 7", chat_id=self.ann.id, text="a")
        self.assertEqual(answer["parameters"], {"retry_after": 7})
        self.send()
        self.assertEqual([each.kind for each in self.fake.violations], ["impatient"])

    def test_an_error_of_the_server_happens_so_often(self):
        self.fake.faults.add(method="send.*", status=500, times=2, skip=1)
        self.send()
        for _ in range(2):
            self.wrong("sendMessage", 500, "Internal Server Error", chat_id=self.ann.id, text="a")
        self.send()

    def test_only_where_it_is_meant(self):
        bob = self.fake.person("Bob")
        bob.says("hi")
        self.fake.faults.add(chat=bob.id, match="verdict", status=403, times=0)
        self.send("a verdict")
        self.send("a word", chat=bob)
        self.wrong("sendMessage", 403, "Forbidden: bot was blocked by the user", chat_id=bob.id, text="a verdict")

    def test_a_page_of_a_proxy(self):
        self.fake.faults.add(status=502, body="<html>Bad Gateway</html>")
        connection = http.client.HTTPConnection("127.0.0.1", self.fake.port)
        connection.request("GET", f"/bot{self.fake.token}/getMe")
        answer = connection.getresponse()
        self.assertEqual((answer.status, answer.read()), (502, b"<html>Bad Gateway</html>"))
        connection.close()

    def test_a_lost_answer_has_done_its_work_and_a_lost_request_has_not(self):
        for lost, there in (("answer", 1), ("request", 0)):
            self.fake.faults.add(method="sendMessage", lost=lost)
            with self.assertRaises((http.client.HTTPException, ConnectionError)):
                self.send(lost)
            self.assertEqual(len([message for message in self.ann.chat.from_bot if message.text == lost]), there)
            self.assertEqual(self.fake.calls[-1].outcome, "lost " + lost)

    def test_an_answer_is_held_after_the_work_is_done(self):
        fault = self.fake.faults.add(method="sendMessage", hold=True, after=True)
        result = self.in_background(self.send, "done already")
        fault.wait(self.fake)
        self.ann.chat.wait("done already")
        self.assertEqual(self.fake.calls_of("sendMessage"), [])
        fault.open()
        self.assertEqual(result()["text"], "done already")

    def test_a_slow_call(self):
        self.fake.faults.add(method="getMe", stall=0.2)
        self.good("getMe")
        self.fake.wait(lambda: self.fake.calls_of("getMe"))

    def test_a_client_that_goes_ends_a_stall(self):
        fault = self.fake.faults.add(method="sendMessage", stall=600)
        connection = http.client.HTTPConnection("127.0.0.1", self.fake.port)
        connection.request("GET", f"/bot{self.fake.token}/sendMessage?chat_id={self.ann.id}&text=a")
        fault.wait(self.fake)
        connection.close()
        self.assertEqual(self.fake.wait_for_calls("sendMessage")[0].outcome, "client gone")
        self.assertEqual(self.ann.chat.from_bot, [])

    def test_a_hung_poll(self):
        fault = self.fake.faults.add(method="getUpdates", hold=True)
        result = self.in_background(self.good, "getUpdates", timeout=0)
        fault.wait(self.fake)
        self.ann.says("nobody hears it yet")
        self.assertEqual(self.fake.calls_of("getUpdates"), [])
        fault.open()
        self.assertEqual(result()[0]["message"]["text"], "nobody hears it yet")

    def test_down_and_up(self):
        waiting = self.in_background(self._broken, "getUpdates", timeout=50)
        self.fake.wait(lambda: self.fake.updates.polls == 1)
        self.fake.down()
        self.assertTrue(waiting())
        with self.assertRaises(ConnectionRefusedError):
            self.ask("getMe")
        self.fake.up()
        self.good("getMe")

    def _broken(self, method, **args):
        try:
            self.ask(method, **args)
        except (http.client.HTTPException, ConnectionError):
            return True
        return False

    def test_what_a_fault_does_not_know(self):
        with self.assertRaises(ValueError):
            self.fake.faults.add(sttaus=500)
        with self.assertRaises(ValueError):
            self.fake.faults.add(lost="mind")


if __name__ == "__main__":
    unittest.main()
