"""Files of the service, of other tasks and of the machine."""

import fcntl
import glob
import stat

from kit import *

UP = "../" * 24


@mechanism("files", SECRET, ["master_key", "env_file", "git_token", "ssh_key", "model_key", "spare_key", "cluster", "neighbour"])
def reads_the_services_files_by_path(t, which):
    return read(t.files[which])


@mechanism("files", SECRET, ["absolute", "relative", "to_a_folder", "of_a_link", "in_home", "magic"])
def reads_through_a_link(t, how):
    key, link = t.files["master_key"], f"link-{how}"
    if how == "to_a_folder":
        os.symlink(t.data, link)
        return read(f"{link}/{os.path.basename(key)}")
    if how == "of_a_link":
        os.symlink(key, "link-first")
        os.symlink("link-first", link)
    elif how == "in_home":
        link = os.path.expanduser("~/link")
        os.symlink(key, link)
    else:
        os.symlink({"absolute": key, "relative": UP + key.lstrip("/"), "magic": f"/proc/self/root{key}"}[how], link)
    return read(link)


@mechanism("files", SECRET, ["self_root", "thread_root", "parent_root", "parent_cwd", "canary_root", "canary_cwd"])
def reads_through_proc(t, how):
    where = {"self": "self", "thread": "thread-self", "parent": os.getppid(), "canary": t.canary}[how.split("_")[0]]
    if how == "canary_cwd":
        return read(f"/proc/{where}/cwd/secret")
    return read(f"/proc/{where}/root{t.files['master_key']}" if how.endswith("root") else f"/proc/{where}/cwd/{UP}{t.files['master_key']}")


@mechanism("files", SECRET, ["by_path", "by_folder", "by_descriptor"])
def makes_a_hard_link(t, how):
    key, made = t.files["master_key"], f"hard-{how}"
    if how == "by_path":
        os.link(key, made)
    elif how == "by_folder":
        folder = os.open(t.data, os.O_PATH)
        os.link(os.path.basename(key), made, src_dir_fd=folder)
    else:
        held = os.open(key, os.O_PATH)
        call(265, -100, f"/proc/self/fd/{held}".encode(), -100, made.encode(), 0x400)  # linkat, AT_SYMLINK_FOLLOW
    return read(made)


@mechanism("files", SECRET, ["dots", "steps", "descriptors", "root"])
def walks_out_of_the_tree(t, how):
    inner = t.files["master_key"].lstrip("/")
    if how == "dots":
        return read(UP + inner)
    if how == "steps":
        for _ in range(24):
            os.chdir("..")
        return read(inner)
    at = os.open("." if how == "descriptors" else "/", os.O_PATH)
    for _ in range(24 if how == "descriptors" else 0):
        at = os.open("..", os.O_PATH, dir_fd=at)
    found = os.open(inner, os.O_RDONLY, dir_fd=at)
    return os.read(found, 4096)


@mechanism("files", SECRET, ["data", "working_folder", "service_home", "neighbour_tree", "scratch"])
def lists_others_folders(t, which):
    return "\n".join(os.listdir(t.folders[which])).encode()


@mechanism("files", MARK, ["env_file", "data", "mirror", "tool", "service_home", "working_folder", "neighbour_tree", "neighbour_home"])
def writes_into_others_files(t, which):
    if which == "env_file":
        return write(t.files["env_file"], f"# {t.mark}\n")
    write(f"{t.folders[which]}/written", t.mark)


@mechanism("files", VICTIM, VICTIMS)
def damages_a_file_of_the_service(t, how):
    {"unlink": lambda: os.unlink(t.victim),
     "rename": lambda: os.rename(t.victim, t.victim + ".gone"),
     "truncate": lambda: os.truncate(t.victim, 0),
     "chmod": lambda: os.chmod(t.victim, 0o777),
     "utime": lambda: os.utime(t.victim, (1, 1)),
     "append": lambda: write(t.victim, "more"),
     "neighbour_file": lambda: os.mkdir(t.victim + ".beside"),
     "neighbour_link": lambda: os.symlink("/", t.victim + ".beside")}[how]()


@mechanism("files", MARK, ["/tmp", "/dev/shm", "/run/lock"])
def leaves_something_in_shared_scratch(t, where):
    write(f"{where}/left-behind", t.mark + "\n")


@mechanism("files", SECRET, ["/tmp", "/dev/shm", "/run/lock"])
def reads_what_others_left_in_scratch(t, where):
    return read(f"{where}/somebodys")


@mechanism("files", SECRET, ["by_number", "by_proc", "all"])
def uses_a_descriptor_that_was_left_open(t, how):
    if how == "by_number":
        return os.pread(9, 4096, 0)
    if how == "by_proc":
        return read("/proc/self/fd/9")
    found = b""
    for number in range(3, 256):
        try:
            if stat.S_ISREG(os.fstat(number).st_mode):
                found += os.pread(number, 4096, 0)
        except OSError:
            pass
    return found


@mechanism("files", SECRET, ["mountinfo", "parent_mountinfo", "mounts"])
def learns_where_the_data_is(t, how):
    return read({"mountinfo": "/proc/self/mountinfo", "parent_mountinfo": f"/proc/{os.getppid()}/mountinfo", "mounts": "/proc/self/mounts"}[how], 1 << 20)


@mechanism("files", SECRET, ["/opt/canary/notes", "/usr/local/src/canary", "/usr/local/etc/canary.conf"])
def reads_world_readable_files_that_no_tool_needs(t, path):
    return read(path)


@mechanism("files", ASKED, ["/usr/local"])
def lists_names_that_no_tool_needs(t, folder):
    """Their contents are covered, the names are not."""
    return "src" in os.listdir(folder)


@mechanism("files", SECRET, ["gitconfig", "pip.conf", "npmrc", "wgetrc", "environment", "ssl/private/canary.pem"])
def reads_settings_of_the_machine(t, name):
    return read(f"/etc/{name}", 1 << 20)


@mechanism("files", SECRET, [".netrc", ".ssh/id_ed25519", ".git-credentials", ".aws/credentials", ".docker/config.json", ".npmrc",
                             ".config/gh/hosts.yml", ".bash_history"])
def reads_the_services_home(t, name):
    return read(f"{t.folders['service_home']}/{name}")


@mechanism("files", SECRET, ["env_file", "token_file", "master_key", "neighbour", "link"])
def reads_below_the_prefix_of_a_tool(t, which):
    """PREFIX/bin is in the PATH and PREFIX/lib is beside it; the data folder is seen there by a second mount, and by a link."""
    if which == "neighbour":
        trees = ("tasks/*/code/tree", "tasks/*/*", "mirrors/*/trees/*/tree")
        found = [path for tree in trees for path in glob.glob(f"{t.prefix}/data/{tree}/neighbour.txt")]
        return b"".join(read(path) for path in found)
    key = os.path.basename(t.files["master_key"])
    return read({"env_file": t.files["env_file"], "token_file": t.files["git_token"], "master_key": f"{t.prefix}/data/{key}",
                 "link": f"{t.prefix}/link/{key}"}[which])


@mechanism("files", SECRET, ["user", "group", "capability"])
def gains_rights_by_a_program(t, how):
    """A set-user-id, a set-group-id program and one with a file capability, each of which reads a file that only root may."""
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.dup2(writing, 1)
        os.execv(f"/opt/canary/cat-{how}", ["cat", f"/opt/canary/for-{how}"])
    os.close(writing)
    os.wait()
    return os.read(reading, 4096)


@mechanism("files", ASKED, ["/opt/canary/device", "prefix"])
def opens_a_device_in_a_bound_folder(t, where):
    os.open(f"{t.prefix}/lib/device" if where == "prefix" else where, os.O_RDONLY)
    return True


@mechanism("files", ASKED, ["/sys/class/net", "/sys/kernel/mm", "/sys/fs/cgroup", "/sys/devices/system"])
def looks_at_the_machine_in_sys(t, where):
    return bool(os.listdir(where))


@mechanism("files", ASKED, ["lease", "notify"])
def watches_files_of_the_service(t, how):
    if how == "lease":
        held = os.open(t.files["spare_key"], os.O_RDONLY)
        fcntl.fcntl(held, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        return True
    call(254, call(253), t.data.encode(), 0x100)  # inotify_add_watch(inotify_init(), …, IN_CREATE)
    return True
