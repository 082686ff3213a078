// Makes the filter of system calls of confined programs, by libseccomp, when Persais is built: prints it as the array
// that keeper/seccomp.hpp includes. The keeper itself then needs neither the library nor its time (decision 0047).
#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <linux/falloc.h>
#include <linux/filter.h>
#include <sched.h>
#include <seccomp.h>
#include <stdexcept>
#include <string>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <vector>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

namespace {

/// The argument of XFS_IOC_RESVSP and its like.
struct space_to_reserve {
    std::int16_t type, whence;
    std::int64_t start, length;
    std::int32_t system_id;
    std::uint32_t process;
    std::int32_t padding[4];
};
static_assert(sizeof(space_to_reserve) == 48);

/// A call that is refused with EPERM whatever its arguments are. Numbers newer than the headers of Debian 12 are the
/// same on every architecture.
struct refusal {
    int call;
    const char* why;
};
constexpr refusal refused[] = {
    {SYS_ptrace, "takes over another process"},
    {SYS_process_vm_readv, "reads another process's memory"},
    {SYS_process_vm_writev, "writes another process's memory"},
    {SYS_process_madvise, "discards another process's memory"},
    {SYS_pidfd_getfd, "takes another process's descriptors"},
    {SYS_kcmp, "tells where kernel objects of processes are equal, which helps attacks on the kernel"},
    {SYS_mount, "changes what is mounted: nothing may uncover what the sandbox covers"},
    {SYS_umount2, "the same"},
    {SYS_pivot_root, "the same"},
    {SYS_chroot, "with a descriptor from outside it leads out of the root"},
    {SYS_setns, "enters another namespace"},
    {SYS_open_tree, "the newer calls for mounts"},
    {SYS_move_mount, "the newer calls for mounts"},
    {SYS_fsopen, "the newer calls for mounts; parsers of many file systems"},
    {SYS_fsconfig, "the newer calls for mounts; parsers of many file systems"},
    {SYS_fsmount, "the newer calls for mounts"},
    {SYS_fspick, "the newer calls for mounts"},
    {SYS_mount_setattr, "the newer calls for mounts: makes a read-only one writable"},
    {SYS_open_by_handle_at, "opens a file past all folders on the way to it"},
    {SYS_name_to_handle_at, "gives the handle for that"},
    {SYS_kexec_load, "replaces the kernel"},
    {SYS_kexec_file_load, "replaces the kernel"},
    {SYS_init_module, "loads code into the kernel"},
    {SYS_finit_module, "loads code into the kernel"},
    {SYS_delete_module, "removes code from the kernel"},
    {SYS_bpf, "runs programs in the kernel; its verifier had many holes"},
    {SYS_perf_event_open, "watches the kernel and others; had many holes"},
    {SYS_userfaultfd, "stops the kernel in the middle of a copy, which most exploits of races want"},
    {SYS_keyctl, "the kernel's keys belong to no namespace"},
    {SYS_add_key, "the kernel's keys belong to no namespace"},
    {SYS_request_key, "starts a program outside of the sandbox"},
    {SYS_io_uring_setup, "does other calls past this filter; had many holes"},
    {SYS_io_uring_enter, "does other calls past this filter"},
    {SYS_io_uring_register, "does other calls past this filter"},
    {SYS_swapon, "the machine's affair"},
    {SYS_swapoff, "the machine's affair"},
    {SYS_reboot, "the machine's affair"},
    {SYS_quotactl, "the machine's affair"},
    {SYS_quotactl_fd, "the machine's affair"},
    {SYS_acct, "writes a file in the kernel's name"},
    {SYS_syslog, "the kernel's log holds addresses"},
    {SYS_fanotify_init, "watches and holds up the accesses of others"},
    {SYS_settimeofday, "the machine's clock"},
    {SYS_clock_settime, "the machine's clock"},
    {SYS_clock_adjtime, "the machine's clock"},
    {SYS_adjtimex, "the machine's clock"},
    {SYS_sethostname, "no program needs it"},
    {SYS_setdomainname, "no program needs it"},
    {SYS_vhangup, "no program needs it"},
    {SYS_lookup_dcookie, "no program needs it; gives paths of the host"},
#if defined(__x86_64__)
    {SYS_iopl, "the machine's ports"},
    {SYS_ioperm, "the machine's ports"},
    {SYS_uselib, "old and unused, with holes"},
    {SYS_modify_ldt, "old and unused, with holes"},
    {SYS__sysctl, "old and unused"},
    {SYS_nfsservctl, "old and unused"},
    {SYS_ustat, "old and unused"},
#endif
};

/// The kernel reads the low half of an argument of 32 bits and ignores the other, in which anything may stand: each
/// comparison is masked.
constexpr std::uint64_t low_half = 0xffffffff;

class filter {
public:
    filter(std::uint32_t otherwise, std::uint32_t foreign) : made_(seccomp_init(otherwise)) {
        must(made_ ? 0 : -ENOMEM);
        must(seccomp_attr_set(made_, SCMP_FLTATR_ACT_BADARCH, foreign));
        // A binary search for the call's number: the kernel tries all of them when a program gets the filter.
        must(seccomp_attr_set(made_, SCMP_FLTATR_CTL_OPTIMIZE, 2));
    }
    ~filter() { seccomp_release(made_); }
    filter(const filter&) = delete;
    filter& operator=(const filter&) = delete;

    void also(std::uint32_t architecture) { must(seccomp_arch_add(made_, architecture)); }

    void answer(int error, int call, std::vector<scmp_arg_cmp> when = {}) {
        must(seccomp_rule_add_array(made_, SCMP_ACT_ERRNO(static_cast<std::uint32_t>(error)), call,
                                    static_cast<unsigned>(when.size()), when.data()));
    }
    void answer_any_bit(int error, int call, unsigned argument, std::uint32_t bits) {
        for (std::uint64_t bit = 1; bit <= low_half; bit <<= 1)
            if (bits & bit) answer(error, call, {masked(argument, bit, bit)});
    }
    /// Where the argument has none of these values. The library can compare an argument only once in a rule, and cannot
    /// make exceptions: each largest block of values, by their first bits, that holds none of them gets a rule.
    void answer_all_but(int error, int call, unsigned argument, const std::vector<std::uint32_t>& values,
                        std::vector<scmp_arg_cmp> when = {}, std::uint64_t block = 0, unsigned bits = 0) {
        auto mask = low_half << (32 - bits) & low_half;
        if (std::ranges::none_of(values, [&](std::uint64_t value) { return (value & mask) == block; })) {
            when.push_back(masked(argument, mask, block));
            return answer(error, call, std::move(when));
        }
        if (bits == 32) return;
        answer_all_but(error, call, argument, values, when, block, bits + 1);
        answer_all_but(error, call, argument, values, std::move(when), block | 1ULL << (31 - bits), bits + 1);
    }

    static scmp_arg_cmp masked(unsigned argument, std::uint64_t mask, std::uint64_t value) {
        return {argument, SCMP_CMP_MASKED_EQ, mask, value};
    }

    void print(const char* name) const {
        std::FILE* file = std::tmpfile();
        if (!file) must(-errno);
        must(seccomp_export_bpf(made_, fileno(file)));
        std::fseek(file, 0, SEEK_SET);
        std::printf("inline constexpr sock_filter %s[] = {\n", name);
        sock_filter step{};
        while (std::fread(&step, sizeof step, 1, file) == 1)
            std::printf("{0x%x, %u, %u, 0x%xU},\n", step.code, step.jt, step.jf, step.k);
        std::printf("};\n");
        std::fclose(file);
    }

private:
    static void must(int result) {
        if (result < 0) throw std::runtime_error("libseccomp: " + std::to_string(result));
    }
    scmp_filter_ctx made_;
};

void sockets(filter& all, int call) {
    // Unix and internet sockets, and of netlink only routing, which getifaddrs uses: the other families are parts of
    // the kernel that few look at.
    all.answer_all_but(EAFNOSUPPORT, call, 0, {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK});
    all.answer_all_but(EAFNOSUPPORT, call, 2, {0 /* NETLINK_ROUTE */}, {filter::masked(0, low_half, AF_NETLINK)});
}

void print_filters() {
    filter all(SCMP_ACT_ALLOW, SCMP_ACT_ERRNO(ENOSYS)); // x32: other calls under the numbers of ours
    for (const auto& each : refused)
        all.answer(EPERM, each.call);
    // The flags of clone3 are behind a pointer, which a filter cannot follow; after ENOSYS libc uses clone.
    all.answer(ENOSYS, SYS_clone3);
    // A namespace gives rights inside it, and with them a way to much of the kernel.
    constexpr std::uint32_t namespaces =
        CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
    all.answer_any_bit(EPERM, SYS_clone, 0, namespaces); // there, the bit of CLONE_NEWTIME is part of the exit signal
    all.answer_any_bit(EPERM, SYS_unshare, 0, namespaces | CLONE_NEWTIME);
    // TIOCSTI injects input into a terminal, TIOCLINUX pastes into a console; the others are older names of
    // fallocate(), which every file system that has it understands.
    constexpr std::uint64_t reserve = _IOW('X', 40, space_to_reserve), reserve_64 = _IOW('X', 42, space_to_reserve),
                            zero = _IOW('X', 57, space_to_reserve);
    for (std::uint64_t request : {std::uint64_t{TIOCSTI}, std::uint64_t{TIOCLINUX}, reserve, reserve_64, zero})
        all.answer(EPERM, SYS_ioctl, {filter::masked(1, low_half, request)});
    // fallocate() takes gigabytes of the disk within a millisecond, faster than anybody can look; without it (as on
    // many file systems) libc and programs write instead. Modes that give room back are let through.
    all.answer(EOPNOTSUPP, SYS_fallocate, {filter::masked(1, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_COLLAPSE_RANGE, 0)});
    // The plain personalities, the query (all ones), and fixed addresses (thread sanitizers and debuggers use them):
    // others switch protections of memory off.
    all.answer_all_but(EPERM, SYS_personality, 0, {PER_LINUX, PER_LINUX32, UNAME26, ADDR_NO_RANDOMIZE, 0xffffffff});
    sockets(all, SYS_socket);
    sockets(all, SYS_socketpair);
    all.print("call_filter");

    // On another architecture the same numbers are other calls.
    filter architecture(SCMP_ACT_ALLOW, SCMP_ACT_KILL_PROCESS);
#if defined(__x86_64__)
    architecture.also(SCMP_ARCH_X32); // answered by the other filter
#endif
    architecture.print("architecture_filter");
}

} // namespace

int main() {
    try {
        print_filters();
        return std::fflush(stdout) == 0 ? 0 : 1;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "%s\n", e.what());
        return 1;
    }
}
