// Evaluates the very instructions of the syscall filter that the kernel is given: each call by its number and
// arguments, including calls that cannot be tried here (a reboot, another architecture).
#include "sandbox/keeper/seccomp.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <sched.h>
#include <set>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/socket.h>

#include <gtest/gtest.h>

namespace persais::sandbox {
namespace {

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

constexpr unsigned allow = SECCOMP_RET_ALLOW;
constexpr unsigned last_call = 1024; // above all numbers in use
constexpr unsigned long long high = 1ULL << 32;

constexpr unsigned with(int error) {
    return SECCOMP_RET_ERRNO | static_cast<unsigned>(error);
}

/// Runs a filter as the kernel would. It supports only the instructions that the filters use.
template <std::size_t Length>
unsigned answer_of(const sock_filter (&rules)[Length], const seccomp_data& call) {
    const auto* bytes = reinterpret_cast<const char*>(&call);
    unsigned accumulator = 0;
    for (std::size_t at = 0; at < Length; ++at) {
        const auto& step = rules[at];
        auto jump = [&](bool yes) { at += yes ? step.jt : step.jf; };
        switch (step.code) {
        case BPF_LD | BPF_W | BPF_ABS:
            std::copy_n(bytes + step.k, sizeof accumulator, reinterpret_cast<char*>(&accumulator));
            break;
        case BPF_ALU | BPF_AND | BPF_K:
            accumulator &= step.k;
            break;
        case BPF_JMP | BPF_JA:
            at += step.k;
            break;
        case BPF_JMP | BPF_JEQ | BPF_K:
            jump(accumulator == step.k);
            break;
        case BPF_JMP | BPF_JGE | BPF_K:
            jump(accumulator >= step.k);
            break;
        case BPF_JMP | BPF_JGT | BPF_K:
            jump(accumulator > step.k);
            break;
        case BPF_RET | BPF_K:
            return step.k;
        default:
            ADD_FAILURE() << "instruction " << at << " is not known";
            return 0;
        }
    }
    ADD_FAILURE() << "it ends without a verdict";
    return 0;
}

/// The kernel obeys the stricter answer: the smaller one, read as a signed number.
unsigned verdict(const seccomp_data& call) {
    auto one = static_cast<int>(answer_of(keeper::architecture_filter, call));
    auto other = static_cast<int>(answer_of(keeper::call_filter, call));
    return static_cast<unsigned>(std::min(one, other));
}

unsigned verdict(unsigned number, std::array<unsigned long long, 3> arguments = {}) {
    seccomp_data call{.nr = static_cast<int>(number), .arch = keeper::own_architecture};
    std::ranges::copy(arguments, call.args);
    return verdict(call);
}

/// Each call that is refused whatever its arguments are. This list is separate, so that a call that is removed from the
/// filter by mistake is missed here.
constexpr unsigned never[] = {
    // other processes
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_process_madvise,
    SYS_pidfd_getfd,
    SYS_kcmp,
    // mounts, namespaces, files by handle
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
    SYS_setns,
    SYS_open_tree,
    SYS_move_mount,
    SYS_fsopen,
    SYS_fsconfig,
    SYS_fsmount,
    SYS_fspick,
    SYS_mount_setattr,
    SYS_open_by_handle_at,
    SYS_name_to_handle_at,
    // the kernel itself
    SYS_kexec_load,
    SYS_kexec_file_load,
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_bpf,
    SYS_perf_event_open,
    SYS_userfaultfd,
    SYS_io_uring_setup,
    SYS_io_uring_enter,
    SYS_io_uring_register,
    SYS_lookup_dcookie,
    SYS_fanotify_init,
    // keys
    SYS_keyctl,
    SYS_add_key,
    SYS_request_key,
    // the machine
    SYS_swapon,
    SYS_swapoff,
    SYS_reboot,
    SYS_quotactl,
    SYS_quotactl_fd,
    SYS_acct,
    SYS_syslog,
    SYS_settimeofday,
    SYS_clock_settime,
    SYS_clock_adjtime,
    SYS_adjtimex,
    SYS_sethostname,
    SYS_setdomainname,
    SYS_vhangup,
#if defined(__x86_64__)
    SYS_iopl,
    SYS_ioperm,
    SYS_uselib,
    SYS_modify_ldt,
    SYS__sysctl,
    SYS_nfsservctl,
    SYS_ustat,
#endif
};

TEST(syscall_filter, refuses_these_calls_and_no_others) {
    std::set<unsigned> refused(std::begin(never), std::end(never));
    for (unsigned number = 0; number < last_call; ++number) {
        if (number == SYS_clone3 || number == SYS_socket || number == SYS_socketpair || number == SYS_fallocate)
            continue; // tested below
        EXPECT_EQ(verdict(number), refused.contains(number) ? with(EPERM) : allow) << number;
    }
    for (std::uint64_t mode : {0, FALLOC_FL_KEEP_SIZE, FALLOC_FL_ZERO_RANGE})
        EXPECT_EQ(verdict(SYS_fallocate, {1, mode}), with(EOPNOTSUPP)) << "takes the disk at once";
    for (std::uint64_t mode : {FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, FALLOC_FL_COLLAPSE_RANGE})
        EXPECT_EQ(verdict(SYS_fallocate, {1, mode}), allow) << "gives room back";
    EXPECT_EQ(verdict(SYS_clone3), with(ENOSYS)) << "libc then uses clone, whose flags can be seen";
}

TEST(syscall_filter, ends_a_program_that_calls_as_another_architecture) {
    for (unsigned other : {0U, unsigned{AUDIT_ARCH_I386}, unsigned{AUDIT_ARCH_ARM}})
        EXPECT_EQ(verdict(seccomp_data{.nr = 1, .arch = other}), SECCOMP_RET_KILL_PROCESS) << other;
#if defined(__x86_64__)
    for (unsigned number = 0; number < last_call; ++number) // x32: other calls under the same architecture
        EXPECT_EQ(verdict(0x40000000 + number), with(ENOSYS)) << number;
#endif
}

TEST(syscall_filter, makes_no_namespaces) {
    constexpr unsigned long long a_thread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD;
    EXPECT_EQ(verdict(SYS_clone, {a_thread}), allow);
    EXPECT_EQ(verdict(SYS_clone, {SIGCHLD}), allow);
    EXPECT_EQ(verdict(SYS_unshare, {CLONE_FILES | CLONE_FS}), allow);
    for (unsigned kind :
         {CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET})
        for (unsigned call : {SYS_clone, SYS_unshare})
            for (unsigned long long more : {0ULL, a_thread, high})
                EXPECT_EQ(verdict(call, {kind | more}), with(EPERM)) << call << " " << kind << " " << more;
    EXPECT_EQ(verdict(SYS_unshare, {CLONE_NEWTIME}), with(EPERM));
    EXPECT_EQ(verdict(SYS_clone, {CLONE_NEWTIME}), allow) << "a signal, there";
}

TEST(syscall_filter, types_into_no_terminal) {
    for (unsigned long long half : {0ULL, high, ~0ULL << 32}) { // the kernel reads only the low one
        EXPECT_EQ(verdict(SYS_ioctl, {1, TIOCSTI | half}), with(EPERM));
        EXPECT_EQ(verdict(SYS_ioctl, {1, TIOCLINUX | half}), with(EPERM));
        EXPECT_EQ(verdict(SYS_ioctl, {1, TIOCGWINSZ | half}), allow);
    }
}

TEST(syscall_filter, has_five_personalities) {
    std::set<unsigned> allowed{PER_LINUX, PER_LINUX32, UNAME26, ADDR_NO_RANDOMIZE, 0xffffffff};
    auto asked = allowed; // each with one bit flipped, which includes each bit alone
    for (unsigned one : allowed)
        for (unsigned bit = 0; bit < 32; ++bit)
            asked.insert(one ^ 1U << bit);
    for (unsigned persona : asked)
        for (unsigned long long half : {0ULL, high})
            EXPECT_EQ(verdict(SYS_personality, {persona | half}), allowed.contains(persona) ? allow : with(EPERM))
                << persona;
}

TEST(syscall_filter, opens_unix_internet_and_routing_sockets) {
    for (unsigned call : {SYS_socket, SYS_socketpair})
        for (unsigned long long family = 0; family < 256; ++family) {
            bool open = family == AF_UNIX || family == AF_INET || family == AF_INET6;
            bool routes = family == AF_NETLINK;
            for (unsigned long long half : {0ULL, high}) {
                EXPECT_EQ(verdict(call, {family | half, SOCK_RAW, 0}), open || routes ? allow : with(EAFNOSUPPORT));
                EXPECT_EQ(verdict(call, {family | half, SOCK_RAW, 2}), open ? allow : with(EAFNOSUPPORT)) << family;
            }
        }
}

} // namespace
} // namespace persais::sandbox
