#pragma once
#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace persais::keeper {

/// What newer kernels than the headers of Debian 12 have.
struct landlock_domain {
    std::uint64_t files, network, scopes;
};
inline constexpr std::uint64_t landlock_ioctl_dev = 1ULL << 15;                     // version 5
inline constexpr std::uint64_t landlock_abstract_sockets_and_signals = 1ULL | 2ULL; // version 6

/// The version of Landlock that this kernel has; 0: it has none, or what we run in does not let us ask.
inline int landlock_version() {
    auto version = syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    // The first version (Linux 5.13 to 5.18) lets nobody move a file into another folder, which tasks have to.
    return version < 2 ? 0 : static_cast<int>(version);
}

/// The second wall behind that of the mounts: it holds for what a program reaches in any other way too (a descriptor
/// that it was given by mistake, a mount that is writable by mistake). Everything that is visible can be read and
/// executed; only the `writable` folders and the devices can be written, which excludes /proc, where an ordinary user's
/// process could make the kernel spare it when memory is out. It reaches no abstract socket and sends no signal to what
/// is outside.
class landlock {
public:
    /// Requires PR_SET_NO_NEW_PRIVS. Returns an errno, or 0, also when this kernel has no Landlock.
    static int restrict_to(const char* const* writable, int count) {
        int version = landlock_version();
        if (version == 0) return 0;
        landlock wall(version);
        if (wall.rules_ < 0) return errno;
        if (!wall.allow("/", reading) || !wall.allow("/dev", reading | devices)) return errno;
        for (int i = 0; i < count; ++i)
            if (!wall.allow(writable[i], everything)) return errno;
        return syscall(SYS_landlock_restrict_self, wall.rules_, 0) == 0 ? 0 : errno;
    }

    /// It sends no signal to what is outside, and reaches no abstract socket there; everything else stays as it is.
    /// Requires PR_SET_NO_NEW_PRIVS. Returns an errno, or 0, also when this kernel cannot do that.
    static int keep_signals_in() {
        if (landlock_version() < 6) return 0;
        landlock_domain domain{0, 0, landlock_abstract_sockets_and_signals};
        int rules = static_cast<int>(syscall(SYS_landlock_create_ruleset, &domain, sizeof domain, 0));
        if (rules < 0) return errno;
        int error = syscall(SYS_landlock_restrict_self, rules, 0) == 0 ? 0 : errno;
        close(rules);
        return error;
    }

private:
    static constexpr std::uint64_t reading =
        LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
    static constexpr std::uint64_t truncating = 1ULL << 14; // version 3
    static constexpr std::uint64_t devices = LANDLOCK_ACCESS_FS_WRITE_FILE | truncating | landlock_ioctl_dev;
    static constexpr std::uint64_t making_devices = LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK;
    static constexpr std::uint64_t everything = ((1ULL << 16) - 1) & ~making_devices;

    explicit landlock(int version)
        : handled_(version >= 5   ? (1ULL << 16) - 1
                   : version >= 3 ? (1ULL << 15) - 1
                   : version == 2 ? (1ULL << 14) - 1
                                  : (1ULL << 13) - 1) {
        landlock_domain domain{handled_, 0, version >= 6 ? landlock_abstract_sockets_and_signals : 0};
        rules_ = static_cast<int>(syscall(SYS_landlock_create_ruleset, &domain, sizeof domain, 0));
    }
    ~landlock() {
        if (rules_ >= 0) close(rules_);
    }
    landlock(const landlock&) = delete;
    landlock& operator=(const landlock&) = delete;

    bool allow(const char* folder, std::uint64_t rights) const {
        int fd = open(folder, O_PATH | O_CLOEXEC);
        if (fd < 0) return false;
        landlock_path_beneath_attr rule{.allowed_access = rights & handled_, .parent_fd = fd};
        bool done = syscall(SYS_landlock_add_rule, rules_, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
        int error = errno;
        close(fd);
        errno = error;
        return done;
    }

    std::uint64_t handled_;
    int rules_ = -1;
};

} // namespace persais::keeper
