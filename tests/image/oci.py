"""What an engine makes of an image and its options: the config.json for runc, with Docker's defaults.

The defaults are Docker's own, from its documentation and source: 14 capabilities, the seccomp profile, the masked and
read-only paths of /proc and /sys, its mounts. A compose service's options (security_opt, cap_drop, limits) change them.
"""

import json
import platform
from pathlib import Path

from place import ROOT

CAPABILITIES = ["AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "NET_RAW", "SETFCAP",
                "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"]
MASKED = ["/proc/asound", "/proc/acpi", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
          "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap"]
READONLY = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
OURS = "persais: "  # what deploy/seccomp.json adds says so
ARCHITECTURES = {"x86_64": ("amd64", ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]),
                 "aarch64": ("arm64", ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"])}


def our_profile():
    return json.loads((ROOT / "deploy/seccomp.json").read_text())


def docker_profile(ours=None):
    """Docker's own: ours without what is marked as ours."""
    profile = ours or our_profile()
    return profile | {"syscalls": [rule for rule in profile["syscalls"] if not rule.get("comment", "").startswith(OURS)]}


def seccomp(profile, capabilities):
    """Docker's format, with its conditions, as the flat list that the runtime takes (moby's seccomp_linux.go does this)."""
    arch, names = ARCHITECTURES[platform.machine()]
    have = {f"CAP_{name}" for name in capabilities}

    def holds(rule):
        wanted, unwanted = rule.get("includes") or {}, rule.get("excludes") or {}
        if wanted.get("arches") and arch not in wanted["arches"] or arch in (unwanted.get("arches") or []):
            return False
        return set(wanted.get("caps") or []) <= have and not set(unwanted.get("caps") or []) & have

    rules = []
    for rule in filter(holds, profile["syscalls"]):
        flat = {"names": rule["names"], "action": rule["action"]}
        if rule.get("args"):
            flat["args"] = [{"index": arg["index"], "value": arg["value"], "valueTwo": arg.get("valueTwo", 0), "op": arg["op"]}
                            for arg in rule["args"]]
        if "errnoRet" in rule:
            flat["errnoRet"] = rule["errnoRet"]
        rules.append(flat)
    return {"defaultAction": profile["defaultAction"], "defaultErrnoRet": profile.get("defaultErrnoRet", 1), "architectures": names,
            "syscalls": rules}


class Options:
    """Of `docker run`, or of a compose service."""

    def __init__(self):
        self.environment = {}
        self.capabilities = list(CAPABILITIES)
        self.profile = docker_profile()
        self.systempaths = True
        self.no_new_privileges = False
        self.user = (0, 0)
        self.binds = []  # (folder of this machine, path inside, "rw" or "ro")
        self.memory = self.pids = None
        self.network = None  # path of a network namespace; none: a new one with nothing but its loopback

    def security(self, words):
        for word in words:
            name, _, value = word.replace(":", "=", 1).partition("=")
            if name == "seccomp":
                self.profile = None if value == "unconfined" else json.loads(Path(value).read_text())
            elif (name, value) == ("systempaths", "unconfined"):
                self.systempaths = False
            elif name == "no-new-privileges":
                self.no_new_privileges = value in ("", "true")
            elif name != "apparmor":  # which this machine may not have
                raise ValueError(f"security_opt {word}")
        return self

    def caps(self, drop, add):
        have = [] if "ALL" in drop else [name for name in self.capabilities if name not in drop]
        self.capabilities = sorted({*have, *add})
        return self


def mounts(binds):
    usual = [
        ("/proc", "proc", "proc", ["nosuid", "noexec", "nodev"]),
        ("/dev", "tmpfs", "tmpfs", ["nosuid", "strictatime", "mode=755", "size=65536k"]),
        ("/dev/pts", "devpts", "devpts", ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]),
        ("/dev/shm", "tmpfs", "shm", ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]),
        ("/dev/mqueue", "mqueue", "mqueue", ["nosuid", "noexec", "nodev"]),
        ("/sys", "sysfs", "sysfs", ["nosuid", "noexec", "nodev", "ro"]),
        ("/sys/fs/cgroup", "cgroup", "cgroup", ["nosuid", "noexec", "nodev", "relatime", "ro"]),
    ]
    listed = [{"destination": to, "type": kind, "source": source, "options": options} for to, kind, source, options in usual]
    for source, to, mode in binds:
        listed.append({"destination": to, "type": "bind", "source": str(source), "options": ["rbind", mode]})
    return listed


def config(rootfs, image, options, command, cgroup):
    """The runtime's config.json as a dictionary. `image` is the image's own config."""
    environment = dict(entry.split("=", 1) for entry in image.get("Env") or []) | options.environment
    environment.setdefault("HOSTNAME", "persais-test")
    environment.setdefault("HOME", "/root")
    caps = [f"CAP_{name}" for name in options.capabilities]
    namespaces = [{"type": name} for name in ("mount", "pid", "ipc", "uts")]
    namespaces.append({"type": "network", "path": options.network} if options.network else {"type": "network"})
    resources = {"devices": [{"allow": False, "access": "rwm"}] + [
        {"allow": True, "type": "c", "major": major, "minor": minor, "access": "rwm"}
        for major, minor in ((1, 3), (1, 5), (1, 7), (1, 8), (1, 9), (5, 0), (5, 2))]}
    if options.memory:
        resources["memory"] = {"limit": options.memory}
    if options.pids:
        resources["pids"] = {"limit": options.pids}
    linux = {"namespaces": namespaces, "resources": resources, "cgroupsPath": cgroup}
    if options.systempaths:
        linux |= {"maskedPaths": MASKED, "readonlyPaths": READONLY}
    if options.profile:
        linux["seccomp"] = seccomp(options.profile, options.capabilities)
    return {
        "ociVersion": "1.0.2",
        "hostname": "persais-test",
        "root": {"path": str(rootfs), "readonly": False},
        "process": {
            "terminal": False, "user": {"uid": options.user[0], "gid": options.user[1]}, "cwd": image.get("WorkingDir") or "/",
            "args": command, "env": [f"{name}={value}" for name, value in environment.items()],
            "capabilities": {"bounding": caps, "effective": caps if options.user[0] == 0 else [],
                             "permitted": caps if options.user[0] == 0 else []},
            "noNewPrivileges": options.no_new_privileges,
        },
        "mounts": mounts(options.binds),
        "linux": linux,
    }
