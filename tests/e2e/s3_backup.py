"""Backups in a store that speaks S3 and verifies each signature: moto, as its package index has it. `nightly s3`."""

import json
import os
import re
import shutil
import subprocess
import threading
import urllib.parse
from pathlib import Path

import install  # noqa: F401  (the way to the fakes)
from persais import PATIENCE, PROGRAM
from serving import Said
from story import Story

PINNED = "moto[s3,server]==5.2.5"
FOLDER = Path(os.environ.get("S3_FOLDER") or Path(__file__).resolve().parents[2] / "build/nightly/s3")
# The first calls are let through, so that somebody with a key can be made; from then on each signature is verified.
SET_UP = """
import boto3, json, sys
at = sys.argv[1]
def client(what):
    return boto3.client(what, endpoint_url=at, aws_access_key_id="first", aws_secret_access_key="word", region_name="us-east-1")
iam = client("iam")
iam.create_user(UserName="persais")
all_of_s3 = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
iam.put_user_policy(UserName="persais", PolicyName="s3", PolicyDocument=json.dumps(all_of_s3))
client("s3").create_bucket(Bucket="backups")
key = iam.create_access_key(UserName="persais")["AccessKey"]
print(json.dumps([key["AccessKeyId"], key["SecretAccessKey"]]))
"""


class S3(Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        python = FOLDER / "bin/python"
        if not python.exists():
            subprocess.run(["/usr/bin/python3", "-m", "venv", FOLDER], check=True)
            subprocess.run([python, "-m", "pip", "install", "-q", PINNED], check=True)
        environment = {"PATH": "/usr/bin:/bin", "INITIAL_NO_AUTH_ACTION_COUNT": "4", "HOME": str(cls.root)}
        cls.server = subprocess.Popen([FOLDER / "bin/moto_server", "-H", "127.0.0.1", "-p", "0"], env=environment,
                                      stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        cls.addClassCleanup(cls.server.stderr.close)
        cls.addClassCleanup(cls.server.wait)
        cls.addClassCleanup(cls.server.kill)
        cls.port = next(int(found[1]) for line in cls.server.stderr if (found := re.search(r"Running on http://127\.0\.0\.1:(\d+)", line)))
        threading.Thread(target=cls.server.stderr.read, daemon=True).start()  # so that what it logs never holds it up
        made = subprocess.run([python, "-c", SET_UP, f"http://127.0.0.1:{cls.port}"], capture_output=True, text=True, check=True)
        cls.key, cls.secret = json.loads(made.stdout)

    def setUp(self):
        super().setUp()
        self.adopt_helpers()

    def url(self, secret=None, style="path", host="127.0.0.1"):
        quoted = urllib.parse.quote(secret or self.secret, safe="")
        return f"s3://{self.key}:{quoted}@backups/at/home?endpoint=http://{host}:{self.port}&style={style}"

    def persais(self, *words, **changes):
        done = subprocess.run([PROGRAM, *words], env=self.environment(**changes), cwd=self.folder / "cwd", text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE)
        return Said(done, words)

    def homes(self):
        """A database with more than one part of S3 holds, and another home."""
        self.assertEqual(self.persais("run", "--detach", "--repo", str(self.remote().path), "Mend the sum.").code, 0)
        self.database.sql("insert into task_events (task_id, fence, kind, body) select 1, 1, 'log', jsonb_build_object('text', "
                          "encode(sha512(n::text::bytea) || sha512((-n)::text::bytea), 'hex')) from generate_series(1, 150000) n")

    def test_a_large_backup_is_stored_in_parts_listed_and_restored(self):
        self.homes()
        for style, host in (("path", "127.0.0.1"), ("virtual", "localhost")):
            with self.subTest(style):
                made = self.persais("backup", BACKUP_URL=self.url(style=style, host=host))
                self.assertEqual(made.code, 0, made.story())
                self.assertIn("It was restored for a trial", made.out)
                name = re.search(r"persais-\S+\.age", made.out)[0]
                size = float(re.search(r", (\d+\.\d) MB", made.out)[1])
                self.assertGreater(size, 2 * 8.4, "more than two parts")
                self.assertIn(name, self.persais("restore", BACKUP_URL=self.url()).out)
        data = self.folder / "new"
        data.mkdir(mode=0o700)
        shutil.copy(self.data / "backup.key", data / "backup.key")
        restored = self.persais("restore", "newest", DATABASE_URL=None, PERSAIS_DATA=str(data), BACKUP_URL=self.url())
        self.assertEqual(restored.code, 0, restored.story())
        self.assertIn("Restored: what the database held", restored.out)

    def test_a_wrong_key_is_refused_and_told(self):
        wrong = self.persais("restore", BACKUP_URL=self.url(secret="another word"))
        self.assertEqual(wrong.code, 3, wrong.story())
        self.assertIn("refuses the key in BACKUP_URL: SignatureDoesNotMatch", wrong.err)
        self.assertNotIn("another", wrong.out + wrong.err)
        nowhere = self.persais("restore", BACKUP_URL=self.url().replace("@backups/", "@elsewhere/"))
        self.assertIn("there is no such bucket", nowhere.err)
