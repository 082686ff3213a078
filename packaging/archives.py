"""A folder as a Debian package and as a tarball, the same bytes for the same folder: every time in them is one, nobody's names."""

import gzip
import hashlib
import os
import shutil
import subprocess
import tarfile

CONTROL = """\
Package: {package}
Version: {version}
Architecture: {architecture}
Maintainer: Persais <mechanic@persais.ai>
Installed-Size: {kib}
Depends: {depends}
{more}Section: devel
Priority: optional
Description: {title}
{text}
"""


def set_times(root, epoch):
    """Of everything in it; and modes as they shall be, whatever the umask was."""
    for path in [root, *root.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        os.utime(path, (epoch, epoch), follow_symlinks=False)


def make_deb(stage, into, fields, scripts, epoch):
    """`scripts`: files of packaging/debian, by the name that dpkg calls them."""
    control = stage / "DEBIAN"
    control.mkdir()
    files = sorted(path for path in stage.rglob("*") if path.is_file() and not path.is_symlink() and control not in path.parents)
    kib = sum(-(-path.stat().st_size // 1024) for path in files)
    (control / "control").write_text(CONTROL.format(kib=kib, **fields))
    (control / "md5sums").write_text("".join(f"{hashlib.md5(path.read_bytes()).hexdigest()}  {path.relative_to(stage)}\n" for path in files))
    for name, file in scripts.items():
        shutil.copy(file, control / name)
    set_times(stage, epoch)
    name = into / f"{fields['package']}_{fields['version']}_{fields['architecture']}.deb"
    # zstd: all four read it, and unpacking is a fifth of xz's time.
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Zzstd", "-z12", "--threads-max=1", "--build", stage, name], check=True, stdout=subprocess.DEVNULL,
                   env={**os.environ, "SOURCE_DATE_EPOCH": str(epoch)})
    shutil.rmtree(control)
    return name


def make_tarball(folder, name, top, epoch):
    """`folder` as `top`/ in a tar.gz."""

    def nobodys(info):
        info.uid = info.gid = 0
        info.uname = info.gname = "root"
        info.mtime = epoch
        return info

    with name.open("wb") as raw, gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=epoch, compresslevel=6) as packed:
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for path in [folder, *sorted(folder.rglob("*"))]:
                tar.add(path, f"{top}/{path.relative_to(folder)}" if path != folder else top, recursive=False, filter=nobodys)
    return name


def sums(files):
    """As sha256sum --check reads them."""
    return "".join(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in sorted(files))
