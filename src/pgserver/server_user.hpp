#pragma once
#include "base/result.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace persais::pgserver {

/// The user as whom the embedded server runs.
struct server_user {
    uid_t uid;
    gid_t gid;
    bool ours = true; // it is the user of this process; else we are root and switch to it
};

/// The user of this process. For root, which PostgreSQL refuses: the owner of `cluster` when that exists, else
/// `persais-db` (created when it is missing), else `postgres` or `nobody` where no user can be added. Fails with one
/// sentence when there is none.
result<server_user> choose_user(const std::filesystem::path& cluster);

/// Words to put before a program's argv, so that it runs as `user`; empty when that is the current user. Folders that
/// `user` may not search (/root has mode 0700, and both a checkout and the data are often below it) are reached with
/// one capability that allows reading and searching but no writing, or with CAP_DAC_OVERRIDE where a container's
/// bounding set lacks that one. The folders themselves are not changed. The capability is given only when one of
/// `needed` cannot be reached without it.
std::vector<std::string> run_as(const server_user& user, const std::vector<std::filesystem::path>& needed);

/// Whether `user` may search every folder above `path` according to the plain permission bits.
bool reachable(const server_user& user, const std::filesystem::path& path);

} // namespace persais::pgserver
