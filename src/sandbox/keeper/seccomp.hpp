#pragma once
#include <cerrno>
#include <cstddef>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

namespace persais::keeper {

#if defined(__x86_64__)
inline constexpr unsigned own_architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
inline constexpr unsigned own_architecture = AUDIT_ARCH_AARCH64;
#else
#error "the syscall filter knows x86-64 and arm64"
#endif

/// Calls that are refused with EPERM whatever their arguments are: other processes' memory, mounts and namespaces, the
/// kernel's own configuration, and the parts of the kernel that most escapes used. Numbers newer than the headers of
/// Debian 12 are the same on every architecture.
inline constexpr unsigned refused[] = {
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_process_madvise,
    SYS_pidfd_getfd,
    SYS_kcmp,
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
    SYS_kexec_load,
    SYS_kexec_file_load,
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_bpf,
    SYS_perf_event_open,
    SYS_userfaultfd,
    SYS_keyctl,
    SYS_add_key,
    SYS_request_key,
    SYS_io_uring_setup,
    SYS_io_uring_enter,
    SYS_io_uring_register,
    SYS_swapon,
    SYS_swapoff,
    SYS_reboot,
    SYS_quotactl,
    SYS_quotactl_fd,
    SYS_acct,
    SYS_syslog,
    SYS_fanotify_init,
    SYS_settimeofday,
    SYS_clock_settime,
    SYS_clock_adjtime,
    SYS_adjtimex,
    SYS_sethostname,
    SYS_setdomainname,
    SYS_vhangup,
    SYS_lookup_dcookie,
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

inline constexpr unsigned namespace_flags =
    CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;

/// A classic BPF program, built in order. Each test jumps over at most a few instructions, so offsets stay small.
class filter {
public:
    constexpr filter() {
        load(offsetof(seccomp_data, arch));
        jump(BPF_JEQ, own_architecture, 1, 0);
        give(SECCOMP_RET_KILL_PROCESS); // on another architecture the same numbers are other calls
        load(offsetof(seccomp_data, nr));
#if defined(__x86_64__)
        jump(BPF_JGE, 0x40000000, 0, 1); // x32
        give(refuse(ENOSYS));
#endif
        for (unsigned number : refused) {
            jump(BPF_JEQ, number, 0, 1);
            give(refuse(EPERM));
        }
        // The flags of clone3 are behind a pointer, which a filter cannot follow; after ENOSYS libc uses clone.
        jump(BPF_JEQ, SYS_clone3, 0, 1);
        give(refuse(ENOSYS));
        any_of(SYS_clone, namespace_flags); // in clone, the bit of CLONE_NEWTIME is part of the exit signal
        any_of(SYS_unshare, namespace_flags | CLONE_NEWTIME);
        terminal_injection();
        personalities();
        sockets(SYS_socket);
        sockets(SYS_socketpair);
        give(SECCOMP_RET_ALLOW);
    }
    constexpr unsigned short length() const { return length_; }
    constexpr const sock_filter* code() const { return code_; }

private:
    static constexpr unsigned refuse(int error) { return SECCOMP_RET_ERRNO | static_cast<unsigned>(error); }
    constexpr void put(sock_filter f) { code_[length_++] = f; }
    constexpr void load(size_t offset) { put({BPF_LD | BPF_W | BPF_ABS, 0, 0, static_cast<unsigned>(offset)}); }
    constexpr void load_argument(unsigned index) { load(offsetof(seccomp_data, args) + 8 * index); } // the low half
    constexpr void jump(unsigned short how, unsigned value, unsigned char yes, unsigned char no) {
        put({static_cast<unsigned short>(BPF_JMP | how | BPF_K), yes, no, value});
    }
    constexpr void give(unsigned verdict) { put({BPF_RET | BPF_K, 0, 0, verdict}); }

    constexpr void any_of(unsigned number, unsigned flags) {
        jump(BPF_JEQ, number, 0, 4);
        load_argument(0);
        jump(BPF_JSET, flags, 0, 1);
        give(refuse(EPERM));
        give(SECCOMP_RET_ALLOW);
    }
    /// TIOCSTI injects input into a terminal, TIOCLINUX pastes into a console. The kernel reads only the low half.
    constexpr void terminal_injection() {
        jump(BPF_JEQ, SYS_ioctl, 0, 5);
        load_argument(1);
        jump(BPF_JEQ, TIOCSTI, 1, 0);
        jump(BPF_JEQ, TIOCLINUX, 0, 1);
        give(refuse(EPERM));
        give(SECCOMP_RET_ALLOW);
    }
    /// The plain personalities, the query (all ones), and fixed addresses (thread sanitizers and debuggers use them).
    constexpr void personalities() {
        jump(BPF_JEQ, SYS_personality, 0, 8);
        load_argument(0);
        jump(BPF_JEQ, PER_LINUX, 5, 0);
        jump(BPF_JEQ, PER_LINUX32, 4, 0);
        jump(BPF_JEQ, UNAME26, 3, 0);
        jump(BPF_JEQ, ADDR_NO_RANDOMIZE, 2, 0);
        jump(BPF_JEQ, 0xffffffff, 1, 0);
        give(refuse(EPERM));
        give(SECCOMP_RET_ALLOW);
    }
    /// Unix and internet sockets, and of netlink only routing, which getifaddrs uses.
    constexpr void sockets(unsigned number) {
        jump(BPF_JEQ, number, 0, 9);
        load_argument(0);
        jump(BPF_JEQ, AF_UNIX, 6, 0);
        jump(BPF_JEQ, AF_INET, 5, 0);
        jump(BPF_JEQ, AF_INET6, 4, 0);
        jump(BPF_JEQ, AF_NETLINK, 0, 2);
        load_argument(2);
        jump(BPF_JEQ, 0 /* NETLINK_ROUTE */, 1, 0);
        give(refuse(EAFNOSUPPORT));
        give(SECCOMP_RET_ALLOW);
    }

    sock_filter code_[256] = {};
    unsigned short length_ = 0;
};

/// Requires PR_SET_NO_NEW_PRIVS. Returns an errno, or 0.
inline int install_filter() {
    static constexpr filter rules;
    sock_fprog program{rules.length(), const_cast<sock_filter*>(rules.code())};
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0 ? 0 : errno;
}

} // namespace persais::keeper
