#!/usr/bin/env python3
"""Ways out of the sandboxes, tried: each without a sandbox, where it has to work, and in the coder's, setup's and the checks'.

  run.py            the whole run; docs/security.md has to say what came of it
  run.py --write    the whole run; its results go into docs/security.md
  run.py --show     also prints each attempt with why it was refused

Everything happens in namespaces of its own, on a copy of what an attempt might touch, as an ordinary user (no root, no harm). What is
tried is in attempts/; a tier is a way to start them (`TIERS` in place.py), and another tier runs the same list."""

import contextlib
import ctypes
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
SKIPPED = 77  # ctest tells such an end from a success (cmake/script_tests.cmake)
UID, PYTHON = 4321, "/usr/bin/python3"
LINKS = ["10.77.0.1/32", "172.16.77.1/32", "192.168.77.1/32", "100.64.77.1/32", "169.254.169.254/32", "169.254.0.7/32", "fd00:77::1/128"]


def do(*words):
    subprocess.run([str(word) for word in words], check=True, stdin=subprocess.DEVNULL)


def tried(*words):
    """Whether it could be done: some machines do not let it."""
    return subprocess.run([str(word) for word in words], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def put(path, text, mode=0o644):
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


def nonce():
    return "canary-" + os.urandom(4).hex()


def cover_the_machine(root, canaries):
    """What attempts look for or write to, in this mount namespace alone."""
    do("mount", "--make-rprivate", "/")
    for folder in ("/tmp", "/dev/shm", "/run", "/opt", "/usr/local/src", "/usr/local/etc"):
        do("mount", "-t", "tmpfs", "-o", "mode=1777", "none", folder)
    Path("/run/lock").mkdir(mode=0o777)
    os.chmod("/run/lock", 0o1777)
    shutil.copytree("/etc", root / "etc", symlinks=True, ignore_dangling_symlinks=True, ignore=shutil.ignore_patterns("private"))
    do("mount", "--bind", root / "etc", "/etc")
    with open("/etc/passwd", "a") as users:
        users.write(f"mechanic:x:{UID}:{UID}::{root}/home:/bin/sh\n")
    with open("/etc/hosts", "a") as hosts:  # names that setup may reach; an attempt has them lead to the host
        hosts.write("\n127.0.0.1 rubygems.org\n10.77.0.1 packagist.org\n169.254.169.254 nodejs.org\n")
    for name in ("gitconfig", "pip.conf", "npmrc", "wgetrc", "environment", "ssl/private/canary.pem"):
        os.makedirs(os.path.dirname(f"/etc/{name}"), exist_ok=True)
        with open(f"/etc/{name}", "a") as file:
            file.write(f"# {canaries['etc']}\n")
        os.chmod(f"/etc/{name}", 0o644)
    os.chmod("/etc/ssl/private", 0o755)
    for path in ("/opt/canary/notes", "/usr/local/src/canary", "/usr/local/etc/canary.conf"):
        put(path, canaries["notes"])
    os.chmod("/opt/canary", 0o755)


def plant_programs_with_rights(canaries):
    """Copies of cat that may read what their user may not. Gives which could be made."""
    made = []
    for how, group, mode in (("user", 0, 0o400), ("group", 42, 0o040), ("capability", 0, 0o400)):
        put(f"/opt/canary/for-{how}", canaries["root"], mode)
        shutil.copy("/bin/cat", f"/opt/canary/cat-{how}")
        try:
            os.chown(f"/opt/canary/for-{how}", 0, group)
            os.chown(f"/opt/canary/cat-{how}", 0, group)
        except OSError:
            continue
        os.chmod(f"/opt/canary/cat-{how}", {"user": 0o4755, "group": 0o2755, "capability": 0o755}[how])
        if how != "capability" or tried("setcap", "cap_dac_read_search+ep", f"/opt/canary/cat-{how}"):
            made.append(how)
    return made


def prepare(root, as_root):
    """As root of the namespaces. Gives what the harness has to know."""
    canaries = {name: nonce() for name in ("etc", "notes", "root")}
    do("ip", "link", "set", "lo", "up")
    for address in LINKS:
        do("ip", "address", "add", address, "dev", "lo")
    Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").write_text("0")
    cover_the_machine(root, canaries)
    rights = plant_programs_with_rights(canaries)
    do("mount", "--bind", root, root)  # a volume of its own, as in a container
    for name in ("data", "home", "tools", "prefix/bin", "prefix/lib", "prefix/run", "prefix/etc", "prefix/data", "files", "work", "victims", "witness"):
        (root / name).mkdir(parents=True)
    do("mount", "--bind", root / "data", root / "prefix/data")
    (root / "prefix/link").symlink_to(root / "data")
    devices = [path for path in ("/opt/canary/device", root / "prefix/lib/device") if tried("mknod", "-m", "666", path, "c", "1", "7")]
    if not as_root:
        for folder in [root / name for name in ("data", "home", "tools", "files", "work", "victims", "witness")] + [*(root / "prefix").iterdir()]:
            if folder.name not in ("link", "data") or folder.parent == root:
                os.chown(folder, UID, UID)
    (root / "data").chmod(0o700)
    for kind in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC):
        with contextlib.suppress(ValueError):  # root of a container that may not
            resource.setrlimit(kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    return {"canaries": canaries, "rights": rights, "devices": len(devices)}


def inside(root, identity, flags):
    """The first process of the namespaces."""
    import json
    root = Path(root)
    told = prepare(root, identity == "root")
    (root / "told.json").write_text(json.dumps(told))
    (root / "told.json").chmod(0o644)
    if identity == "user":
        os.setgroups([])
        os.setresgid(UID, UID, UID)
        os.setresuid(UID, UID, UID)
        end_with_us()  # again: a change of the user takes that back
        ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # may be looked at again, by who has the same user
    os.environ["HOME"] = str(root / "home")
    sys.path[:0] = [str(HERE), *(str(HERE.parent / part) for part in ("e2e", "fakes", "fakes/model", "fakes/agent", "kills"))]
    os.environ["E2E_FOLDER"] = str(root / "work")
    import place
    place.run(root, identity, flags)


def end_with_us():
    """Whoever ends the parent has ended this process, and with the first one of the namespaces all in them."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)


def one_world(identity, flags):
    """Its results, from namespaces that are gone when this returns."""
    import json
    root = Path(tempfile.mkdtemp(prefix="persais-escape.", dir="/srv"))  # neither /tmp nor /var/tmp, which a sandbox has of its own
    root.chmod(0o755)
    try:
        space = ["unshare", "--mount", "--pid", "--net", "--ipc", "--uts", "--fork", "--mount-proc", "--kill-child"]
        subprocess.run([*space, PYTHON, "-B", __file__, "--inside", str(root), identity, *flags], check=True,
                       env={**os.environ, "ESCAPE_CANARY": nonce()}, preexec_fn=end_with_us)
        return json.loads((root / "work/results.json").read_text())
    finally:
        subprocess.run(["rm", "-rf", root], check=True)  # which goes down any number of folders


def main(flags):
    if flags[:1] == ["--inside"]:
        return inside(*flags[1:3], flags[3:])
    if os.geteuid() != 0:
        print("skipped: makes namespaces with other users in them, which only root may")
        return SKIPPED
    import verdict
    return verdict.main({identity: one_world(identity, flags) for identity in [x for x in flags if x in ("user", "root")] or ("user", "root")}, flags)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(HERE))
    sys.exit(main(sys.argv[1:]))
