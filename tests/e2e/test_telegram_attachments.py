"""What people attach reaches the agent, or is named and nothing is paid before its person says so."""

import json

from telegramming import PATIENCE, TelegramStory, fix, is_verdict


class Attached(TelegramStory):
    def asked(self, model):
        """All that the agent said to the model."""
        return json.dumps([line["body"]["messages"] for line in model.requests()], ensure_ascii=False)

    def test_a_text_file_a_link_and_a_quotation_reach_the_agent(self):
        model = self.script(fix())
        self.begin(self.remote())
        link = {"type": "text_link", "offset": 9, "length": 3, "url": "https://sums.example/rules"}
        self.bob.sends_document("trace.log", "сумма: 3 != 2\n".encode(), "Mend the sum.", caption_entities=[link],
                                external_reply={"origin": {"type": "hidden_user", "sender_user_name": "Zoe", "date": 1}},
                                quote={"text": "as Zoe said", "position": 0})
        self.bob.chat.wait(is_verdict, PATIENCE)
        said = self.asked(model)
        for part in ("Mend the sum (https://sums.example/rules).", "The file trace.log:", "сумма: 3 != 2", "> as Zoe said"):
            self.assertIn(part, said)
        self.assertEqual([call.status for call in self.telegram.calls_of("getFile")], [200])
        self.assertEqual(self.telegram.complaints, [])

    def test_what_is_not_read_is_named_and_nothing_is_paid_until_the_person_goes_on(self):
        model = self.script(fix())
        service = self.begin(self.remote())
        self.bob.sends_document("core.bin", b"\x7fELF\xff\x00", "Mend the sum.")
        asks = self.bob.chat.wait("Not read: core.bin")
        self.wait_sql("select count(*) from outbox where sent_at is null", "0")
        service.kill9()
        self.begin(self.remote("other"))
        self.assertEqual((self.sql("select count(*) from tasks"), model.requests()), ("0", []))
        self.bob.presses(asks, "Go on").wait()
        self.bob.chat.wait(is_verdict, PATIENCE)
        self.assertEqual(self.sql("select instruction from tasks"), "Mend the sum.")
        self.assertEqual(len([m for m in self.bob.chat.from_bot if "Not read" in m.text]), 1)
        self.assertEqual(self.telegram.complaints, [])


if __name__ == "__main__":
    import unittest
    unittest.main()
