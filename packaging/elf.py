"""What a program or library needs of the machine that it runs on."""

import re
import subprocess
from pathlib import Path

# The oldest of Debian 12 and 13, Ubuntu 22.04 and 24.04 (Ubuntu 22.04) has these.
NEWEST = {"GLIBC": (2, 35), "GLIBCXX": (3, 4, 30), "CXXABI": (1, 3, 13)}

# Libraries that all four have under one name, and the package that brings them: from there, because the distribution mends them.
# Where 64-bit times gave a package another name (t64: Debian 13, Ubuntu 24.04), both are named.
EVERYWHERE = {
    **dict.fromkeys(["libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libutil.so.1", "libresolv.so.2",
                     "ld-linux-x86-64.so.2"], "libc6 (>= 2.35)"),
    "libstdc++.so.6": "libstdc++6 (>= 12)",
    "libgcc_s.so.1": "libgcc-s1",
    "libcurl.so.4": "libcurl4 | libcurl4t64",
    **dict.fromkeys(["libssl.so.3", "libcrypto.so.3"], "libssl3 | libssl3t64"),
    "libpq.so.5": "libpq5 (>= 14)",
    "libz.so.1": "zlib1g",
    "libexpat.so.1": "libexpat1",
    "libffi.so.8": "libffi8",
    "libbz2.so.1.0": "libbz2-1.0",
    "liblzma.so.5": "liblzma5",
    "libsqlite3.so.0": "libsqlite3-0",
    "libuuid.so.1": "libuuid1",
    "libselinux.so.1": "libselinux1",
    "libcap.so.2": "libcap2",
}


def is_elf(path):
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def look(path):
    """(sonames that it needs, versions of symbols that it needs: {"GLIBC_2.34", …})."""
    said = subprocess.run(["objdump", "-p", path], capture_output=True, text=True, check=True).stdout
    references = said.partition("Version References:")[2]
    return re.findall(r"^\s+NEEDED\s+(\S+)$", said, re.MULTILINE), set(re.findall(r"\b((?:GLIBC|GLIBCXX|CXXABI)_[0-9.]+)$", references, re.MULTILINE))


def too_new(versions):
    def number(version):
        family, _, digits = version.partition("_")
        return family, tuple(int(part) for part in digits.split("."))

    return sorted(version for version in versions if number(version)[1] > NEWEST[number(version)[0]])


def from_the_system(soname):
    """The file that this machine's loader takes for a soname."""
    for line in subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True).stdout.splitlines():
        found = re.match(rf"\s+{re.escape(soname)} \(libc6,x86-64[^)]*\) => (\S+)$", line)
        if found:
            return Path(found[1]).resolve()
    raise SystemExit(f"package: nothing on this machine is called {soname}")


def brought(program):
    """Soname → file: what `program` needs that not every one of the four has. The loader takes what these need in turn from the
    program's own list, because its search path is for what it names itself; so that list has to have it."""
    direct = [name for name in look(program)[0] if name not in EVERYWHERE]
    found = {name: from_the_system(name) for name in direct}
    for name, file in found.items():
        missing = [needed for needed in look(file)[0] if needed not in EVERYWHERE and needed not in found]
        if missing:
            raise SystemExit(f"package: {name} needs {missing[0]}, which {program} does not name")
    return found


def examine(root):
    """(what is wrong with the programs and libraries below `root`, the packages that they depend on)."""
    files = [path for path in sorted(root.rglob("*")) if is_elf(path)]
    names = {path.name for path in root.rglob("*.so*")}
    wrong, packages = [], set()
    for path in files:
        needed, versions = look(path)
        for soname in needed:
            if soname in EVERYWHERE:
                packages.add(EVERYWHERE[soname])
            elif soname not in names:
                wrong.append(f"{path.relative_to(root)} needs {soname}, which is neither on every system nor in the package")
        wrong += [f"{path.relative_to(root)} needs {version}" for version in too_new(versions)]
    return wrong, sorted(packages)
