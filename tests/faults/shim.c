// Loaded before libc into the programs of a test: counts the calls that change the world outside the process, and at a chosen
// one kills, or answers with an error instead of carrying it out. It moves the wall clock, too. What is wanted stands in the
// file CONTROL (given by the compiler's command line), which shim.py writes and every program with this shim shares.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

// The same order in shim.py.
enum call { WRITE, SEND, FSYNC, RENAME, UNLINK, MKDIR, LINK, SPAWN, CALLS };
enum what { COUNT, KILL, FAIL };

struct control {
    int32_t what, call, index, error;
    int32_t programs;     // 1: persais, 2: git
    int32_t only_files;   // of writes: those to regular files
    int32_t victim;       // who is killed
    _Atomic int32_t hit;  // the chosen call was reached
    int64_t clock_shift;  // seconds
    _Atomic int32_t counts[CALLS];
};

static struct control *shared;
static int program;

__attribute__((constructor)) static void begin(void) {
    const char *name = program_invocation_short_name;
    program = !strcmp(name, "persais") ? 1 : !strncmp(name, "git", 3) ? 2 : 0;
    if (!program) return;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, CONTROL, O_RDWR | O_CLOEXEC, 0);
    if (fd < 0) return;
    void *at = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    syscall(SYS_close, fd);
    if (at != MAP_FAILED) shared = at;
}

// 0: carry it out; else the errno to answer with.
static int passes(enum call which, int fd) {
    struct control *c = shared;
    if (!c || !(c->programs & program)) return 0;
    if (c->only_files && fd >= 0) {
        struct stat is;
        int saved = errno;
        int regular = !fstat(fd, &is) && S_ISREG(is.st_mode);
        errno = saved;
        if (!regular) return 0;
    }
    int n = atomic_fetch_add(&c->counts[which], 1) + 1;
    if (c->what == COUNT || c->call != (int)which || n != c->index) return 0;
    atomic_store(&c->hit, 1);
    if (c->what != KILL) return c->error;
    syscall(SYS_kill, c->victim, SIGKILL);
    for (;;) // a child of the victim stands still here until it is ended too
        pause();
}

#define GUARD(which, fd, failure)                                                                                      \
    do {                                                                                                               \
        int error = passes(which, fd);                                                                                 \
        if (error) {                                                                                                   \
            errno = error;                                                                                             \
            return failure;                                                                                            \
        }                                                                                                              \
    } while (0)

ssize_t write(int fd, const void *data, size_t size) {
    GUARD(WRITE, fd, -1);
    return syscall(SYS_write, fd, data, size);
}
ssize_t writev(int fd, const struct iovec *parts, int count) {
    GUARD(WRITE, fd, -1);
    return syscall(SYS_writev, fd, parts, count);
}
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
    GUARD(WRITE, fd, -1);
    return syscall(SYS_pwrite64, fd, data, size, at);
}
ssize_t pwrite(int fd, const void *data, size_t size, off_t at) { return pwrite64(fd, data, size, at); }
size_t fwrite(const void *data, size_t size, size_t count, FILE *to) { // libc writes by itself, unseen: one for each
    static size_t (*real)(const void *, size_t, size_t, FILE *);
    if (!real) real = (size_t(*)(const void *, size_t, size_t, FILE *))dlsym(RTLD_NEXT, "fwrite");
    GUARD(WRITE, fileno(to), 0);
    return real(data, size, count, to);
}
ssize_t sendto(int fd, const void *data, size_t size, int flags, const struct sockaddr *to, socklen_t length) {
    GUARD(SEND, -1, -1);
    return syscall(SYS_sendto, fd, data, size, flags, to, length);
}
ssize_t send(int fd, const void *data, size_t size, int flags) { return sendto(fd, data, size, flags, NULL, 0); }
ssize_t sendmsg(int fd, const struct msghdr *what, int flags) {
    GUARD(SEND, -1, -1);
    return syscall(SYS_sendmsg, fd, what, flags);
}
int fsync(int fd) {
    GUARD(FSYNC, -1, -1);
    return (int)syscall(SYS_fsync, fd);
}
int fdatasync(int fd) {
    GUARD(FSYNC, -1, -1);
    return (int)syscall(SYS_fdatasync, fd);
}
int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags) {
    GUARD(RENAME, -1, -1);
    return (int)syscall(SYS_renameat2, from_folder, from, to_folder, to, flags);
}
int renameat(int from_folder, const char *from, int to_folder, const char *to) {
    return renameat2(from_folder, from, to_folder, to, 0);
}
int rename(const char *from, const char *to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0); }
int unlinkat(int folder, const char *path, int flags) {
    GUARD(UNLINK, -1, -1);
    return (int)syscall(SYS_unlinkat, folder, path, flags);
}
int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }
int mkdirat(int folder, const char *path, mode_t mode) {
    GUARD(MKDIR, -1, -1);
    return (int)syscall(SYS_mkdirat, folder, path, mode);
}
int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }
int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags) {
    GUARD(LINK, -1, -1);
    return (int)syscall(SYS_linkat, from_folder, from, to_folder, to, flags);
}
int link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }
int posix_spawn(pid_t *child, const char *path, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes,
                char *const words[], char *const environment[]) {
    static int (*real)(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *, char *const[],
                       char *const[]);
    if (!real) *(void **)&real = dlsym(RTLD_NEXT, "posix_spawn");
    int error = passes(SPAWN, -1);
    return error ? error : real(child, path, actions, attributes, words, environment);
}
int execve(const char *path, char *const words[], char *const environment[]) {
    GUARD(SPAWN, -1, -1);
    return (int)syscall(SYS_execve, path, words, environment);
}

int clock_gettime(clockid_t which, struct timespec *now) {
    int code = (int)syscall(SYS_clock_gettime, which, now);
    if (!code && shared && (shared->programs & program) && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE))
        now->tv_sec += shared->clock_shift;
    return code;
}
int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    (void)zone;
    struct timespec fine;
    if (clock_gettime(CLOCK_REALTIME, &fine)) return -1;
    now->tv_sec = fine.tv_sec;
    now->tv_usec = fine.tv_nsec / 1000;
    return 0;
}
time_t time(time_t *at) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (at) *at = now.tv_sec;
    return now.tv_sec;
}
