"""Secrets, where a program finds them first; and the service's database."""

import glob

from kit import *

NAMES = ["OPENROUTER_API_KEY", "GIT_ACCESS_TOKEN", "GIT_SSH_KEY", "TELEGRAM_BOT_TOKEN", "TELEGRAM_WEBHOOK_SECRET", "BACKUP_URL",
         "PERSAIS_MASTER_KEY", "TRANSCRIBE_API_KEY"]


@mechanism("secrets", SECRET, NAMES)
def has_it_in_its_environment(t, name):
    return os.environb.get(name.encode())


@mechanism("secrets", SECRET, ["environ", "auxiliary", "memory"])
def finds_it_in_its_own_process(t, where):
    if where == "environ":
        return read("/proc/self/environ", 65536)
    if where == "auxiliary":
        return b"\0".join(value for name, value in os.environb.items() if name.startswith((b"GIT_", b"PERSAIS_", b"TELEGRAM_")))
    for line in read("/proc/self/maps", 1 << 20).decode().splitlines():
        if "[stack]" in line:
            begin, end = (int(part, 16) for part in line.split()[0].split("-"))
            with open("/proc/self/mem", "rb", 0) as memory:
                memory.seek(max(begin, end - 65536))
                return memory.read(65536)


def startup(user, database):
    body = struct.pack("!i", 196608) + f"user\0{user}\0database\0{database}\0\0".encode()
    return struct.pack("!i", len(body) + 4) + body


def query(path, words="select remote from tasks"):
    with connect(socket.AF_UNIX, socket.SOCK_STREAM, path) as link:
        link.sendall(startup("persais_service", "persais"))
        said = b""
        while b"Z\0\0\0\5I" not in said:
            more = link.recv(4096)
            if not more or said[:1] == b"E":
                raise Refused(said.decode(errors="replace"))
            said += more
        text = words.encode() + b"\0"
        link.sendall(b"Q" + struct.pack("!i", len(text) + 4) + text)
        said = b""
        while b"Z\0\0\0\5I" not in said:
            said += link.recv(4096)
        return said


@mechanism("secrets", SECRET, ["known_path", "searched", "copied", "from_its_lock"])
def asks_the_database(t, how):
    """The database of the service itself, by its socket; it says where the repositories of its tasks are."""
    if how == "searched":
        return first(*[lambda path=path: query(path) for path in glob.glob("/tmp/*/.s.PGSQL.*") + glob.glob(f"{t.data}/*/*/.s.PGSQL.*") if not path.endswith("lock")])
    if how == "from_its_lock":
        lines = read(f"{t.data}/postgres/cluster/postmaster.pid").decode().splitlines()
        return query(f"{lines[4]}/.s.PGSQL.{lines[3]}")
    return query(t.database_socket, "copy tasks (remote) to stdout" if how == "copied" else "select remote from tasks")
