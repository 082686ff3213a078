#pragma once
#include <cerrno>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace persais::keeper {

#if defined(__x86_64__)
inline constexpr unsigned own_architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
inline constexpr unsigned own_architecture = AUDIT_ARCH_AARCH64;
#else
#error "the syscall filter knows x86-64 and arm64"
#endif

// Made by the build from the rules of sandbox/syscall_filter_main.cpp: call_filter and architecture_filter, of which
// the kernel obeys the stricter answer.
#include "syscall_filter.inc"

/// Requires PR_SET_NO_NEW_PRIVS. Returns an errno, or 0.
inline int install_filters() {
    auto install = [](const auto& rules) {
        sock_fprog program{sizeof rules / sizeof *rules, const_cast<sock_filter*>(rules)};
        return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0 ? 0 : errno;
    };
    if (int error = install(architecture_filter)) return error;
    return install(call_filter);
}

} // namespace persais::keeper
