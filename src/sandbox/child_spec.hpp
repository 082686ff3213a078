#pragma once
#include "base/secret.hpp"
#include "sandbox/disk.hpp"
#include "sandbox/keeper/protocol.hpp"
#include "sandbox/limits.hpp"
#include "sandbox/owned_fd.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace persais::sandbox {

struct memory_guard; // memory_guard.hpp

/// Resource limits that the keeper sets before it runs the program. 0 = none.
struct rlimits {
    std::uint64_t address_space_bytes = 0;
    std::uint64_t file_bytes = 0;
    std::uint64_t open_files = 0;
    std::uint64_t processes = 0;
    bool operator==(const rlimits&) const = default;
};

/// The descriptor of the first of child_spec::secret_files; keeper::payload_fd.
inline constexpr int first_secret_file = 5;

/// A network namespace for one program in which every address of a range is its own, and whose sockets the service has:
/// whatever the program sends to them, somebody outside may answer, and there is nothing else.
struct own_network {
    std::string address; // of the range, dotted: it is the namespace's own address as well
    std::string mask;
    std::string listen; // "udp:198.18.0.1:53,tcp:0.0.0.0:443", at most keeper::sockets_most
    /// Called once with the sockets, nonblocking and listening, in this order, when the program is being started: what
    /// it sends before waits there. Not called when it cannot start.
    std::function<void(std::vector<owned_fd>)> take;
};

/// A clone of a prepared parent (prepared_parent.hpp) that waits for its sandbox.
struct clone_offer {
    owned_fd socket;                         // to it; closed once a keeper has it
    std::shared_ptr<const owned_fd> process; // a descriptor of the parent
};

/// A folder that is mounted for one program (sandbox.hpp, layers).
struct layered_folder {
    std::string at, upper;
    std::vector<std::pair<std::string, bool>> lower; // and whether it is lent
};

/// One program to run. It inherits nothing: neither the environment nor a descriptor.
struct child_spec {
    std::vector<std::string> argv;                        // argv[0] is an absolute path
    std::vector<std::string> environment;                 // "NAME=value", everything but the secrets
    std::string folder = "/";                             // working directory
    std::string input;                                    // written to its standard input, which is then closed
    std::chrono::milliseconds total{0};                   // deadline from start; must be > 0
    std::chrono::milliseconds idle{0};                    // deadline without output or sign_of_life; 0 = none
    std::size_t keep_output = limits::child_output_bytes; // of each stream, the newest bytes
    rlimits limits;
    /// For a trusted program: names and values, in addition to `environment`. backend::confine accepts no spec that has
    /// any.
    std::vector<std::pair<std::string, secret>> secret_environment;
    /// For a trusted program: it and what it starts have each of these as a sealed memory file, at descriptors 5, 6, …;
    /// only this user can open them, and they are gone with the last of these programs. backend::confine accepts none.
    std::vector<secret> secret_files;
    /// Set by backend::confine only. When not empty, argv is a wrapper that starts the keeper again inside. The first
    /// entry is the environment of the program in there, each variable NUL-terminated. The wrapper gets all entries at
    /// descriptors 5, 6, … so that no process list shows them.
    std::vector<std::string> sealed;
    /// Set by backend::confine only: limits the memory of the program and everything that it starts to that of a task.
    std::shared_ptr<memory_guard> memory;
    /// Set by backend::confine only: what of the disk it may use in these folders; none: as much as it likes.
    std::vector<std::string> disk_folders;
    bool disk_limits_file = false; // a file that is too large exceeds it, too
    disk_plan disk;
    /// Set by the caller for a confined program, which then is this clone instead of argv; argv is started when no
    /// clone comes of it. `backend::confine` removes it where nothing is confined.
    std::shared_ptr<clone_offer> clone;
    /// With a clone: called once it is known what became of it. 0: it is the program; else an errno: argv was started.
    std::function<void(int)> on_begin;
    bool clone_in_same_users = false; // set by backend::confine: the parent is in the user namespace of the service
    std::shared_ptr<owned_fd> input_socket; // is its standard input; null: a pipe, or nothing
    /// Set by backend::confine only: what is mounted for it, and the uid that sees what is lent as its own.
    std::vector<layered_folder> layered;
    unsigned layers_uid = 0;
    /// Set by the caller for a confined program that gets a network; `backend::confine` removes it where nothing is
    /// confined. Null: none, or the host's for a program that is not confined.
    std::shared_ptr<const own_network> network;
    std::function<void(std::string_view)> on_output; // each piece of standard output as it arrives; may be empty
    std::function<void(std::string_view)> on_error;  // the same of standard error; what they throw ends the child and
                                                     // is thrown by run_child
    /// The newest sign of life that the caller knows of (a model that streams); it is called before `idle` ends the
    /// child.
    std::function<std::chrono::steady_clock::time_point()> sign_of_life;
};

/// interrupted: the process that holds the program (its keeper, its sandbox) was killed, and the program with it, so
/// its own result is unknown; code is a signal. out_of_disk: it exceeded its share, or the disk has no more to give.
/// killed: by the conversation with it (process.hpp).
enum class ended {
    exited,
    signalled,
    timed_out,
    went_idle,
    could_not_start,
    out_of_memory,
    out_of_disk,
    interrupted,
    killed
};

struct child_result {
    ended how = ended::could_not_start;
    int code = -1;           // exit status when exited, signal when signalled, errno when it could not start
    std::string output;      // the newest keep_output bytes of standard output
    std::string error;       // of standard error
    bool cloned = false;     // it was a clone of a prepared parent
    bool output_cut = false; // older output was dropped
    std::chrono::milliseconds took{0};
    std::uint64_t memory_bytes = 0; // when out_of_memory: the exceeded limit; 0: the whole machine had none left
    keeper::disk_excess disk = keeper::disk_excess::nothing; // when out_of_disk
    std::uint64_t disk_limit = 0;                            // when out_of_disk: the limit, in bytes or files
    bool ok() const { return how == ended::exited && code == 0; }
};

/// Thrown by callers that cannot continue after a program was killed from outside: what it should have found out or
/// done is unknown, and another attempt may well succeed.
struct interrupted : std::runtime_error {
    using std::runtime_error::runtime_error;
};

} // namespace persais::sandbox
