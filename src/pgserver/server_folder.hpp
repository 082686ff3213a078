#pragma once
#include "pgserver/limits.hpp"
#include "pgserver/server_process.hpp"
#include "pgserver/server_user.hpp"

namespace persais::pgserver {

/// The embedded server's files:
///   cluster/  PostgreSQL's own       run/  the socket, 0700 (below /tmp when the path is too long for a socket)
///   lock      held while somebody starts or stops the server
///   users     held shared by each persais that uses the server, so a killed one leaves it too
///   server    held by the server itself: it inherits the descriptor, so this lock tells whether any process of it
///   lives,
///             also in another container, and cannot be fooled by a number that another process took over
///   log, log.1
class server_folder {
public:
    /// Creates what is missing. One sentence when that fails.
    static result<server_folder> open(const std::filesystem::path& data);

    std::filesystem::path cluster() const { return root_ / "cluster"; }
    std::filesystem::path log() const { return root_ / "log"; }
    std::filesystem::path socket() const { return socket_; }
    std::filesystem::path root() const { return root_; }
    std::filesystem::path lock_file() const { return root_ / "lock"; }
    std::filesystem::path users_file() const { return root_ / "users"; }
    std::filesystem::path server_file() const { return root_ / "server"; }

    /// Makes the folders that `user` owns. One sentence when that fails.
    result<void> give_to(const server_user& user) const;
    /// Puts a log aside that has grown beyond limits::embedded_log_bytes.
    void rotate_log() const;
    /// Where the next word in the log will stand.
    std::uintmax_t log_end() const;
    /// What was written to the log since it ended at `from`, in one line; the newest limits::embedded_words_bytes.
    std::string log_since(std::uintmax_t from) const;
    /// Why a server, or initdb, that began when the log ended at `from` came to nothing: a full disk, or its own words.
    std::string why_not(std::uintmax_t from) const;
    /// The one below /tmp is not left behind by a server that has stopped.
    void remove_socket_folder() const;
    /// The postmaster's process id as PostgreSQL wrote it down; -1 without.
    pid_t postmaster() const;
    /// The major version of the cluster; empty when there is none yet.
    std::string version() const;

private:
    std::filesystem::path root_, socket_;
};

/// flock() on a file, created when missing. Null when somebody else holds it. Throws system_error.
owned_fd try_lock(const std::filesystem::path& file, bool shared);
/// The same, waiting for it without blocking the loop. Throws deadline_passed.
awaitable<owned_fd> lock(std::filesystem::path file, std::chrono::milliseconds limit);

} // namespace persais::pgserver
