#pragma once
#include "pgserver/limits.hpp"
#include "pgserver/server_process.hpp"
#include "pgserver/server_user.hpp"

namespace persais::pgserver {

/// The files of the embedded server:
///   cluster/  PostgreSQL's own data directory
///   run/      the socket, mode 0700 (below /tmp when the path is too long for a socket)
///   lock      held while a process starts or stops the server
///   users     held shared by each persais that uses the server, so that a killed one releases it too
///   server    held by the server itself: it inherits the descriptor, so this lock tells whether any process of the
///             server lives, also in another container, and a reused process id cannot mislead it
///   log, log.1
class server_folder {
public:
    /// Creates what is missing. Fails with one sentence.
    static result<server_folder> open(const std::filesystem::path& data);

    /// Where the cluster of this data folder is, or would be.
    static std::filesystem::path cluster_below(const std::filesystem::path& data) { return data / "postgres/cluster"; }

    std::filesystem::path cluster() const { return root_ / "cluster"; }
    std::filesystem::path log() const { return root_ / "log"; }
    std::filesystem::path socket() const { return socket_; }
    std::filesystem::path root() const { return root_; }
    std::filesystem::path lock_file() const { return root_ / "lock"; }
    std::filesystem::path users_file() const { return root_ / "users"; }
    std::filesystem::path server_file() const { return root_ / "server"; }

    /// Creates the folders that `user` owns. Fails with one sentence.
    result<void> give_to(const server_user& user) const;
    /// Rotates a log that has grown beyond limits::embedded_log_bytes.
    void rotate_log() const;
    /// The size of the log: the offset at which the next output will begin.
    std::uintmax_t log_end() const;
    /// What was written to the log after the offset `from`, in one line; the newest limits::embedded_words_bytes.
    std::string log_since(std::uintmax_t from) const;
    /// Why a server or an initdb failed that began when the log ended at `from`: a full disk, or its own output.
    std::string why_not(std::uintmax_t from) const;
    /// Removes a socket folder below /tmp, so that a stopped server leaves none behind.
    void remove_socket_folder() const;
    /// The postmaster's process id as PostgreSQL stored it; -1 when there is none.
    pid_t postmaster() const;
    /// The major version of the cluster; empty when there is none yet.
    std::string version() const;

private:
    std::filesystem::path root_, socket_;
};

/// Locks a file with flock(), which is created when missing. Null when another process holds the lock. Throws
/// system_error.
owned_fd try_lock(const std::filesystem::path& file, bool shared);
/// As try_lock, exclusively; waits for the lock without blocking the loop. Throws deadline_passed.
awaitable<owned_fd> lock(std::filesystem::path file, std::chrono::milliseconds limit);

} // namespace persais::pgserver
