"""No lock holds a version that a published advisory concerns, as far as agent/advisories.json knows; and scripts/update-advisories
renews that list. OSV is a fake that speaks the documented API: a batch of queries, pages, a record for each id."""

import datetime
import http.server
import importlib.machinery
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
AGENT = Path(os.environ.get("PERSAIS_AGENT_ENV", ROOT / "build/deps/agent-env"))
sys.path += [str(folder) for folder in AGENT.glob("lib/python3*/site-packages")]
from packaging.version import Version  # noqa: E402  aider needs it, so it is there

sys.dont_write_bytecode = True
SCRIPT = ROOT / "scripts/update-advisories"
LOADER = importlib.machinery.SourceFileLoader("update_advisories", str(SCRIPT))
update_advisories = importlib.util.module_from_spec(importlib.util.spec_from_loader("update_advisories", LOADER))
LOADER.exec_module(update_advisories)

LIST = json.loads((ROOT / "agent/advisories.json").read_text())
OLD_MONTHS = 3


def concerns(version, span):
    version = Version(version)
    return (version >= Version(span["introduced"]) and ("fixed" not in span or version < Version(span["fixed"]))
            and ("last_affected" not in span or version <= Version(span["last_affected"])))


def concerned(pins, advisories):
    return [f"{lock}: {package} {version}: {entry['id']}" for lock, ecosystem, package, version in pins for entry in advisories
            if (entry["ecosystem"], entry["package"]) == (ecosystem, package) and any(concerns(version, span) for span in entry["affected"])]


def pins_of(lock):
    return dict(re.findall(r"(?m)^([a-z0-9._-]+)==([^\s\\]+)", (ROOT / "agent" / lock).read_text()))


def words_of(name):
    lines = (line.split("#")[0].strip() for line in (ROOT / "agent" / name).read_text().splitlines())
    return [line for line in lines if line]


class Locks(unittest.TestCase):
    def test_no_lock_holds_what_an_advisory_concerns(self):
        pins = list(update_advisories.locked())
        self.assertEqual({"agent/requirements.lock", "agent/requirements-test.lock", "bench/intake_peers/package-lock.json"} - {pin[0] for pin in pins}, set())
        self.assertEqual(concerned(pins, LIST["advisories"]), [])

    def test_versions_of_before_would_be_seen(self):
        before = {"aiohttp": "3.13.3", "gitpython": "3.1.46", "urllib3": "2.6.3", "pillow": "12.1.1", "litellm": "1.81.10", "diskcache": "5.6.3"}
        seen = concerned([("old", "PyPI", *pin) for pin in before.items()], LIST["advisories"])
        self.assertEqual({line.split()[1] for line in seen}, set(before))
        self.assertEqual(concerned([("old", "npm", "aiohttp", "3.13.3"), ("old", "PyPI", "litellm", "1.84.0")], LIST["advisories"]), [])

    def test_ranges_begin_and_end_where_they_say(self):
        for span, inside, outside in (({"introduced": "1.2", "fixed": "1.4"}, ("1.2", "1.3.9", "1.4rc1"), ("1.1.9", "1.4")),
                                      ({"introduced": "0", "last_affected": "2.0"}, ("0.1", "2.0"), ("2.0.1", "2.0.post1")),
                                      ({"introduced": "3"}, ("3", "99"), ("2.9",))):
            for version in (*inside, *outside):
                self.assertEqual(concerns(version, span), version in inside, (version, span))

    def test_the_list_is_whole(self):
        keys = [(entry["id"], entry["package"]) for entry in LIST["advisories"]]
        self.assertEqual(len(keys), len(set(keys)))
        for entry in LIST["advisories"]:
            self.assertEqual(set(entry), {"id", "aliases", "ecosystem", "package", "affected", "source"}, entry["id"])
            self.assertTrue(entry["affected"] and all(span.keys() <= {"introduced", "fixed", "last_affected"} for span in entry["affected"]), entry["id"])
            self.assertRegex(entry["source"], r"^https://\S+$")

    def test_the_age_of_the_list_is_said_and_is_no_fault(self):
        days = (datetime.date.today() - datetime.date.fromisoformat(LIST["looked_up"])).days
        if days > OLD_MONTHS * 30:
            print(f"notice: agent/advisories.json is {days} days old; scripts/update-advisories renews it", file=sys.stderr)

    def test_the_agents_lock_is_what_its_inputs_ask_for(self):
        pins = pins_of("requirements.lock")
        self.assertEqual(set(words_of("unwanted.txt")) & set(pins), set(), "scripts/update-agent-lock was not run")
        asked = [word for word in words_of("requirements.in") + words_of("overrides.txt") if "==" in word]
        self.assertEqual([word for word in asked if pins.get(word.split("==")[0]) != word.split("==")[1]], [], "scripts/update-agent-lock was not run")


class Osv(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        queries = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
        self.server.queries += queries
        results = []
        for query in queries:
            ids = self.server.concerned.get((query["package"]["ecosystem"], query["package"]["name"], query["version"]), [])
            at = int(query.get("page_token", 0))  # a page holds one
            result = {"vulns": [{"id": name, "modified": "2026-11-01T00:00:00Z"} for name in ids[at:at + 1]]} if ids else {}
            results.append(result | ({"next_page_token": str(at + 1)} if at + 1 < len(ids) else {}))
        self.answer(200, {"results": results})

    def do_GET(self):
        record = self.server.records.get(self.path.removeprefix("/v1/vulns/"))
        self.answer(200 if record else 404, record or {"code": 5, "message": "Bug not found."})

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def record(name, package, *events, ecosystem="PyPI", kind="ECOSYSTEM", **more):
    return {"id": name, "affected": [{"package": {"name": package, "ecosystem": ecosystem}, "ranges": [{"type": kind, "events": list(events)}]}], **more}


class Update(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        for name in ("agent/requirements.lock", "agent/advisories.json", "bench/intake_peers/package-lock.json"):
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, self.root / name)
        held = {"looked_up": "2026-01-01", "advisories": [
            {"id": name, "aliases": [], "ecosystem": "PyPI", "package": package, "affected": [{"introduced": "0", "fixed": "1"}], "source": "https://example.org/x"}
            for name, package in (("PYSEC-1", "jinja2"), ("PYSEC-2", "idna"), ("CVE-3", "attrs"))]}
        (self.root / "agent/advisories.json").write_text(json.dumps(held))
        self.pins = pins_of("requirements.lock")
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Osv)
        self.server.queries, self.server.concerned, self.server.records = [], {}, {}
        thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        self.addCleanup(lambda: (self.server.shutdown(), thread.join(), self.server.server_close()))

    def update(self, address=None):
        env = {**os.environ, "PERSAIS_ADVISORIES_ROOT": str(self.root), "PERSAIS_OSV": address or f"http://127.0.0.1:{self.server.server_port}"}
        return subprocess.run([SCRIPT], env=env, capture_output=True, text=True, timeout=60)

    def entries(self):
        return {entry["id"]: entry for entry in json.loads((self.root / "agent/advisories.json").read_text())["advisories"]}

    def test_what_concerns_a_lock_is_added_from_every_page(self):
        self.server.concerned["PyPI", "jinja2", self.pins["jinja2"]] = ["GHSA-a", "GHSA-b"]
        self.server.concerned["npm", "fast-uri", "3.1.9"] = ["GHSA-n"]
        self.server.records = {
            "GHSA-a": record("GHSA-a", "Jinja2", {"introduced": "0"}, {"fixed": "3.2"}, {"introduced": "4"}, {"last_affected": "4.1"}, aliases=["CVE-9", "CVE-1"]),
            "GHSA-b": {"id": "GHSA-b", "affected": [{"package": {"name": "jinja2", "ecosystem": "PyPI"}, "versions": ["3.1.6"]}]},
            "GHSA-n": record("GHSA-n", "fast-uri", {"introduced": "3.0.0"}, {"fixed": "3.2.0"}, ecosystem="npm", kind="SEMVER")}
        done = self.update()
        self.assertEqual(done.returncode, 0, done.stderr)
        entries = self.entries()
        self.assertEqual(entries["GHSA-a"], {"id": "GHSA-a", "aliases": ["CVE-1", "CVE-9"], "ecosystem": "PyPI", "package": "jinja2", "source":
                         "https://osv.dev/vulnerability/GHSA-a", "affected": [{"introduced": "0", "fixed": "3.2"}, {"introduced": "4", "last_affected": "4.1"}]})
        self.assertEqual(entries["GHSA-b"]["affected"], [{"introduced": "3.1.6", "last_affected": "3.1.6"}])
        self.assertEqual((entries["GHSA-n"]["ecosystem"], entries["GHSA-n"]["affected"]), ("npm", [{"introduced": "3.0.0", "fixed": "3.2.0"}]))
        self.assertIn("new GHSA-a (jinja2)", done.stdout)
        asked = {(query["package"]["ecosystem"], query["package"]["name"], query["version"]) for query in self.server.queries}
        self.assertEqual(asked, {pin[1:] for pin in update_advisories.locked(self.root)})
        self.assertEqual(json.loads((self.root / "agent/advisories.json").read_text())["looked_up"], datetime.date.today().isoformat())
        self.assertTrue(concerned(update_advisories.locked(self.root), list(entries.values())), "the test above would be red")

    def test_what_is_in_the_list_is_read_anew(self):
        self.server.records = {"PYSEC-1": record("PYSEC-1", "jinja2", {"introduced": "0"}, {"fixed": "2"}),
                               "PYSEC-2": record("PYSEC-2", "idna", {"introduced": "0"}, withdrawn="2026-11-01T00:00:00Z")}
        done = self.update()
        entries = self.entries()
        self.assertEqual(sorted(entries), ["CVE-3", "PYSEC-1"], done.stderr)
        self.assertEqual(entries["PYSEC-1"]["affected"], [{"introduced": "0", "fixed": "2"}])
        self.assertEqual(entries["CVE-3"]["source"], "https://example.org/x")
        self.assertEqual(sorted(done.stdout.splitlines()), ["changed PYSEC-1 (jinja2)", "kept CVE-3 (attrs): OSV does not know it", "withdrawn PYSEC-2 (idna)"])

    def test_without_an_answer_nothing_is_written(self):
        before = self.entries()
        done = self.update("http://127.0.0.1:1")
        self.assertEqual((done.returncode, self.entries()), (1, before))
        self.assertIn("nothing was written", done.stderr)


if __name__ == "__main__":
    unittest.main()
