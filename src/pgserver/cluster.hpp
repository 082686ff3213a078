#pragma once
#include "pgserver/server_folder.hpp"

namespace persais::pgserver {

/// The PostgreSQL programs, and as whom and where they run.
struct cluster {
    server_folder folder;
    std::filesystem::path bin; // holds postgres and initdb; real path, they find their libraries from it
    server_user user;
    int major = 0;        // of the programs
    bool scratch = false; // for tests: nothing is synced to the disk, and it ends with its starter
};

/// One sentence when the programs are missing or do not run, or the cluster is of another major version.
awaitable<result<cluster>> find_cluster(std::filesystem::path data, std::filesystem::path binaries);

/// Makes the cluster when there is none yet: whole or not at all. The caller holds the folder's lock.
awaitable<result<void>> initialise(cluster c);

/// Starts the server; it holds `server`, the lock on the folder's server_file(). The caller holds the folder's lock.
/// Where its words begin in the log.
std::uintmax_t start_server(const cluster& c, owned_fd server);

/// Fast shutdown, then harder ones; returns when no process of the server is left. The caller holds the folder's lock.
awaitable<void> stop_server(cluster c);

std::string url_of(const cluster& c, std::string_view database);

} // namespace persais::pgserver
