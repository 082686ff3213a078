"""The parts about docker-compose.yml: what it says to docker-compose, and its services run with the built image."""

import contextlib
import json
import shutil
import signal
import subprocess
import time

import bases
import build
import compose
import container
import ignore
from oci import Options
from place import ROOT, WORK, Failed, run, say, storage_driver

READY_SECONDS = 60  # a database that is made anew included
POSTGRES = ROOT / "build/deps/postgres/bin"  # stands for pgvector/pgvector, which cannot be pulled here


def expect(holds, otherwise):
    if not holds:
        raise Failed(otherwise)


def part_config():
    """docker-compose takes the file with the user's own list as .env, and it asks for no more than it needs"""
    found, warnings = compose.config()
    expect("level=warning" not in warnings, f"docker-compose warns: {warnings}")
    services = found["services"]
    expect(set(services) == {"persais", "postgres", "role", "password"}, "other services")
    persais, postgres = services["persais"], services["postgres"]
    expect(postgres["image"].startswith("pgvector/pgvector:pg"), "not pgvector's image")
    expect(persais["depends_on"]["role"]["condition"] == "service_completed_successfully", "the service does not wait for its role")
    expect(services["role"]["depends_on"]["postgres"]["condition"] == "service_healthy", "the role does not wait for the database")
    expect("admin" not in [mount["source"] for mount in persais["volumes"]], "the service has the superuser's password")
    for name in ("persais", "postgres"):
        service = services[name]
        expect(service["restart"] == "unless-stopped" and service["healthcheck"]["test"][0] == "CMD", f"{name}: restart, health check")
        expect(int(service["mem_limit"]) > 0 and service["pids_limit"] > 0 and service["volumes"], f"{name}: limits, volumes")
    for name, service in services.items():
        expect(not service.get("privileged") and "SYS_ADMIN" not in service.get("cap_add", []), f"{name} is privileged")
        expect(not any("docker.sock" in str(mount) for mount in service.get("volumes", [])), f"{name} has the engine's socket")
    expect(all(port["host_ip"] == "127.0.0.1" for port in persais["ports"]) and not postgres.get("ports"), "a port is open to others")
    expect(persais["environment"]["TELEGRAM_WEBHOOK_URL"] == "", "not by long polling")
    expect(persais["environment"]["AIDER_MODEL"] == "anthropic/claude-3-opus", "the comment of the user's list is part of the value")
    say(f"security_opt: {persais['security_opt']}")
    watched = {rule["path"].rsplit("/", 1)[-1] for rule in persais["develop"]["watch"]}
    for rule in persais["develop"]["watch"]:
        expect((ROOT / rule["path"].removeprefix("/project/")).exists(), f"watches {rule['path']}, which is not there")
    expect({"src", "agent", "Dockerfile"} <= watched, "sources are not watched")


def make_password(services, secrets, admin):
    """The compose file's own words, run in the base image."""
    options = Options()
    options.binds += [(secrets, "/secrets", "rw"), (admin, "/admin", "rw")]
    words = services["password"]["entrypoint"] + compose.command(services["password"])
    with container.Container("password", words, options, image={"Env": ["PATH=/usr/bin:/bin"]}, rootfs=WORK / "bookworm") as box:
        expect(box.start(stdin=subprocess.DEVNULL).wait() == 0, "the password was not made")


@contextlib.contextmanager
def postgres(service, admin, network):
    """A real PostgreSQL with the compose service's environment, in the network namespace of the containers. What the official
    image does with that environment is done here by initdb: the user, the password, scram for TCP."""
    environment = service["environment"]
    folder = WORK / "volumes/database"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    run("chmod", "755", WORK / "volumes")
    shutil.chown(folder, "nobody", "nogroup")
    as_nobody = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", "--"]
    password = folder.with_name("password")
    shutil.copy(admin / "password", password)
    shutil.chown(password, "nobody", "nogroup")
    run(*as_nobody, POSTGRES / "initdb", "-D", folder, "-U", environment["POSTGRES_USER"], "--auth-local=trust", f"--pwfile={password}",
        *environment["POSTGRES_INITDB_ARGS"].split(), stdout=subprocess.DEVNULL)
    password.unlink()
    server = subprocess.Popen(["nsenter", f"--net=/proc/{network}/ns/net", *as_nobody, POSTGRES / "postgres", "-D", folder, "-k", folder,
                               "-c", "listen_addresses=*"], stderr=(WORK / "postgres.log").open("w"))
    try:
        ready = [part for part in service["healthcheck"]["test"][1:]]
        inside = ["nsenter", f"--net=/proc/{network}/ns/net", POSTGRES / ready[0], *ready[1:]]
        wait_for(lambda: subprocess.run(inside, check=False).returncode == 0, server, "the database is not healthy")
        subprocess.run([POSTGRES / "psql", "-q", "-h", folder, "-U", environment["POSTGRES_USER"], "-d", "postgres", "-c",
                        f"create database {environment['POSTGRES_DB']}"], check=True)
        yield folder
    finally:
        server.send_signal(signal.SIGINT)
        server.wait()


def make_role(service, admin, folder):
    """The compose file's own words, with this machine's psql where the container has its own."""
    places = {"/var/run/postgresql": folder, "/run/persais-admin": admin, "/service_role.sql": ROOT / "sql/queries/pgserver/service_role.sql"}
    words = compose.command(service)[0]
    for there, here in places.items():
        expect(there in words, f"the role is not made with {there}")
        words = words.replace(there, str(here))
    run(*service["entrypoint"], words, env={"PATH": f"{POSTGRES}:/usr/bin:/bin"})


def wait_for(holds, process, otherwise, seconds=READY_SECONDS):
    """The seconds until it holds; asked every 50 ms, as a health check asks."""
    began = time.monotonic()
    while not holds():
        if process.poll() is not None:
            raise Failed(f"{otherwise}: ended with {process.returncode}")
        if time.monotonic() - began > seconds:
            raise Failed(f"{otherwise} after {seconds} s")
        time.sleep(0.05)
    return time.monotonic() - began


@contextlib.contextmanager
def services_up(name, more_environment=None):
    """What `docker compose up` starts: (the service's container, its description, the log's path)."""
    found, warnings = compose.config(compose.EXAMPLE)
    expect("level=warning" not in warnings, f"docker-compose warns: {warnings}")
    services = found["services"]
    with contextlib.ExitStack() as stack:
        holder = compose.own_namespace()
        stack.callback(lambda: (holder.kill(), holder.wait()))
        secrets = stack.enter_context(container.volume("/nothing", "secrets"))
        data = stack.enter_context(container.volume("/data", "data"))
        admin = stack.enter_context(container.volume("/nothing", "admin"))
        make_password(services, secrets, admin)
        first = (secrets / "database-url").read_text()
        make_password(services, secrets, admin)
        expect((secrets / "database-url").read_text() == first, "a second start made another password")
        folder = stack.enter_context(postgres(services["postgres"], admin, holder.pid))
        for _ in range(2):  # at the second start it is there
            make_role(services["role"], admin, folder)
        options = compose.options(services["persais"], {"data": data, "secrets": secrets})
        options.network = f"/proc/{holder.pid}/ns/net"
        options.environment |= more_environment or {}
        box = stack.enter_context(container.Container(name, container.image_config()["Cmd"], options))
        log = WORK / f"{name}.log"
        stack.callback(lambda: say(f"the log is {log}"))
        with log.open("w") as to:
            box.start(stdin=subprocess.DEVNULL, stdout=to, stderr=to)
        yield box, services["persais"], log


def part_service():
    """compose's services with its limits and options: healthy, a task is done, stopped in time"""
    with services_up("service") as (box, service, log):
        began = time.monotonic()
        live = wait_for(lambda: compose.healthy(box, None, container.image_config()).returncode == 0, box.process, f"not alive, see {log}")
        ready = wait_for(lambda: compose.healthy(box, service).returncode == 0, box.process, f"not ready, see {log}")
        say(f"alive after {live:.1f} s, ready after {live + ready:.1f} s, as the health checks see it")
        look = "for p in /proc/[0-9]*; do [ \"$(cat $p/comm)\" != persais ] || grep -E '^(Uid|CapEff|NoNewPrivs|Seccomp):' $p/status; done"
        status = " ".join(box.execute(["sh", "-c", look], box.environment).stdout.split())
        say(f"the service is {status}")
        expect(status.startswith("Uid: 1000 1000 1000 1000 CapEff: 0000000000000000 NoNewPrivs: 1 Seccomp: 2"), "it has not stepped down")
        done = box.execute(["persais", "demo"], box.environment)
        expect(done.returncode == 0 and "Green." in done.stdout, f"persais demo beside the service: {done.stdout[-800:]}{done.stderr[-800:]}")
        say(f"demo beside it: done; {time.monotonic() - began:.0f} s in all")
        took = box.stop()
        say(f"SIGTERM: left after {took:.1f} s with {box.process.returncode}")
        expect(took < 6 and box.process.returncode == 0, "it did not leave in time")


def part_refused():
    """plain Docker: serve starts, its log and doctor name the lines to add, /health says that the sandbox is what it lacks"""
    options = Options()
    with container.volume("/data") as data:
        options.binds.append((data, "/data", "rw"))
        with container.Container("refused", ["persais", "serve"], options) as box:
            log = WORK / "refused.log"
            with log.open("w") as to:
                box.start(stdin=subprocess.DEVNULL, stdout=to, stderr=to)
            wait_for(lambda: compose.healthy(box, None, container.image_config()).returncode == 0, box.process, f"not alive, see {log}")
            health = "import urllib.request as u, urllib.error as e\ntry: print(u.urlopen('http://127.0.0.1:3000/health').read())\nexcept e.HTTPError as x: print(x.code, x.read())"
            wait_for(lambda: "sandbox" in box.execute(["python3", "-c", health], box.environment).stdout, box.process, "no health")
            said = box.execute(["python3", "-c", health], box.environment).stdout
            say(said.strip())
            named = [line for line in log.read_text().splitlines() if "--security-opt seccomp=deploy/seccomp.json" in line]
            expect(named, f"no line of the log names the lines to add, see {log}")
            say(named[0][:500])
            doctor = box.execute(["persais", "doctor", "--offline", "--json"], box.environment)
            found = [line for line in doctor.stdout.splitlines() if '"sandbox"' in line and "--security-opt seccomp=deploy/seccomp.json" in line]
            expect(doctor.returncode == 1 and found, f"doctor does not name the lines to add: {doctor.stdout[-800:]}{doctor.stderr[-800:]}")
            box.stop()


def part_rebuild():
    """edit, rebuild: the layers before the change are taken from the store; says how long the change took"""
    copy = WORK / "edited"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    for name in [*ignore.context(build.SOURCE), "Dockerfile", ".dockerignore"]:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(build.SOURCE / name, copy / name)
    edited = copy / "src/cli/command_version.cpp"
    edited.write_text(edited.read_text() + f'\n[[gnu::used]] const char edited[] = "{time.time()}";\n')
    before = layers()
    began = time.monotonic()
    build.build(copy, revision="0" * 40, tag="localhost/persais:edited")
    say(f"rebuilt in {time.monotonic() - began:.0f} s with the {storage_driver()} store")
    after = layers("localhost/persais:edited")
    same = len([layer for layer in after if layer in before])
    say(f"{same} of {len(after)} layers are the same")
    expect(same == len(after) - 1, "a change in src/ makes the binary's layer new, and no other")


def layers(tag="localhost/persais:test"):
    done = run("buildah", *bases.buildah_options(), "inspect", "--type", "image", tag, capture_output=True, text=True)
    return json.loads(done.stdout)["OCIv1"]["rootfs"]["diff_ids"]


ALL = {name.removeprefix("part_"): part for name, part in list(globals().items()) if name.startswith("part_")}
