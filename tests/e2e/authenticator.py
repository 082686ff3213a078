"""A person's authenticator app: oathtool, which knows nothing of ours."""

import re
import subprocess
import time
from urllib.parse import parse_qs, urlparse

ADDRESS = re.compile(r"otpauth://totp/\S+")
STEP = 30


def secret_in(text):
    """What an app reads of an otpauth:// URL."""
    url = urlparse(ADDRESS.search(text)[0])
    words = parse_qs(url.query)
    assert url.path.startswith("/Persais:") and words["issuer"] == ["Persais"], url
    return words["secret"][0]


def code_at(secret, moment):
    """With the secret on standard input: words of a program are seen by everybody."""
    told = subprocess.run(["oathtool", "--totp", "--base32", f"--now=@{int(moment)}", "-"], input=secret, text=True, capture_output=True, check=True)
    return told.stdout.strip()


class App:
    """Gives codes that were not used before: the next step's counts as well, so two in a row need no waiting."""

    def __init__(self, text):
        self.secret = secret_in(text)
        self.used = 0

    def code(self):
        step = max(int(time.time()) // STEP, self.used + 1)
        if step > int(time.time()) // STEP + 1:
            raise AssertionError("more than two codes within a step")
        self.used = step
        return code_at(self.secret, step * STEP)
