#pragma once
#include "pgserver/server_folder.hpp"

namespace persais::pgserver {

/// The PostgreSQL programs, the user they run as, and their folder.
struct cluster {
    server_folder folder;
    std::filesystem::path bin; // holds postgres and initdb; a real path, because they find their libraries from it
    server_user user;
    int major = 0;        // of the programs
    bool scratch = false; // for a trial: nothing is synced to the disk, and the server ends with its starter
    bool beside = false;  // at low priority, beside the work of others
};

/// Fails with one sentence when the programs are missing or do not run, or the cluster has another major version.
awaitable<result<cluster>> find_cluster(std::filesystem::path data, std::filesystem::path binaries);

/// Creates the cluster when there is none yet, completely or not at all. The caller holds the folder's lock.
awaitable<result<void>> initialise(cluster c);

/// Starts the server, which inherits `server`, the lock on the folder's server_file(). The caller holds the folder's
/// lock. Returns the offset at which the server's output begins in the log.
std::uintmax_t start_server(const cluster& c, owned_fd server);

/// Fast shutdown, then harder ones; returns when no process of the server is left. The caller holds the folder's lock.
awaitable<void> stop_server(cluster c);

/// The role that owns the cluster itself, a superuser. It may log in until the service's role has been made.
inline constexpr std::string_view superuser = "persais";
/// The role as which the service works: no superuser, because whoever reaches the database through the service should
/// reach nothing else of the machine (decision 0043).
inline constexpr std::string_view service_role = "persais_service";

/// The URL of a database at the cluster's socket, for one of these roles; there is no password.
std::string url_of(const cluster& c, std::string_view database, std::string_view role = superuser);

} // namespace persais::pgserver
