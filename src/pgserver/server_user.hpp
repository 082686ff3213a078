#pragma once
#include "base/result.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace persais::pgserver {

/// As whom the embedded server runs.
struct server_user {
    uid_t uid;
    gid_t gid;
    bool ours = true; // the user of this process; else we are root and change to it
};

/// This process's user; for root, which PostgreSQL refuses: the owner of `cluster` when that exists, else `persais-db`
/// (created when it is missing), else `postgres` or `nobody` where no user can be added. One sentence when there is
/// none.
result<server_user> choose_user(const std::filesystem::path& cluster);

/// Words to put before a program's, so that it runs as `user`; empty when that is us. Folders that `user` may not pass
/// (/root is 0700, and both a checkout and the data often lie below it) are passed by one capability that lets it read
/// and search but write nothing, or where a container's bounding set lacks that, CAP_DAC_OVERRIDE. Nothing about the
/// folders themselves is changed. It is given only when one of `needed` cannot be reached without.
std::vector<std::string> run_as(const server_user& user, const std::vector<std::filesystem::path>& needed);

/// Whether `user` may search every folder above `path` by the plain permission bits.
bool reachable(const server_user& user, const std::filesystem::path& path);

} // namespace persais::pgserver
