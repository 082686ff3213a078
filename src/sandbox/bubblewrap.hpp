#pragma once
#include "sandbox/mounts.hpp"
#include "sandbox/sandbox.hpp"

#include <set>
#include <sys/types.h>

namespace persais::sandbox {

/// Level A. When started as root, each task has its own uid on the host and no user namespace is needed; when started
/// as an ordinary user, a user namespace is used to make the others, and outside of it the task runs as that user.
struct bubblewrap_setup {
    std::string program; // bwrap
    std::string keeper;  // persais-keeper
    bool as_root = false;
    uid_t first_uid = 0;        // as_root: the uid of slot 0
    bool counted_apart = false; // each user namespace has its own count of processes: Linux 5.14 or newer
    std::shared_ptr<memory_guard> memory = {};                       // null: no limit
    std::function<std::vector<std::filesystem::path>()> hidden = {}; // asked for each program; may be empty
    disk_plan disk = {};
};

std::unique_ptr<backend> make_bubblewrap(bubblewrap_setup setup);

/// Runs the keeper's probe in the sandbox. Returns the backend when everything that it checks holds, else a refused one
/// with the reason. Throws system_error when the probe's own folders cannot be created.
awaitable<choice> try_bubblewrap(bubblewrap_setup setup);

/// The first of these programs in which it holds; when it holds in none, why not in the first one that is there.
awaitable<choice> first_that_works(bubblewrap_setup setup, std::vector<std::string> programs);

/// Builds bwrap's command line. Folders on the way to a mount point are created with mode 0755, because bwrap 0.8
/// itself would create them with 0700, and the task's user could not pass.
class command_line {
public:
    /// `never`: what must not be seen, whatever is shown.
    explicit command_line(std::string program, std::vector<sight> never = {})
        : words_{std::move(program)}, sealed_(1), never_(std::move(never)) {}
    void add(std::initializer_list<std::string> words) { words_.insert(words_.end(), words); }
    /// `how` is --bind, --ro-bind or --symlink with its source; it is placed at `path`.
    void place(std::initializer_list<std::string> how, const std::filesystem::path& path);
    /// Shows a file or folder of the host read-only at `at`, but for what must not be seen: an empty folder, or a file
    /// that cannot be read, stands in its place. Shows nothing when `source` is to be hidden itself.
    void show(const std::filesystem::path& source, const std::filesystem::path& at);
    /// Puts an empty folder there, in which more can be placed until close().
    void cover(const std::filesystem::path& folder);
    /// Puts a file there that nobody can read.
    void cover_file(const std::filesystem::path& file);
    /// Nothing can be placed any more, and nothing that this made can be changed inside.
    void close();
    /// Adds a small file with this content. It is copied, because a mount costs half a millisecond (21 of them: 41 ms
    /// instead of 25).
    void file(const std::filesystem::path& path, std::string content);
    std::vector<std::string> take() { return std::move(words_); }
    /// How many sealed files there are by now.
    std::size_t sealed_files() const { return sealed_.size(); }
    /// For child_spec::sealed; the first entry is reserved for the environment.
    std::vector<std::string> take_sealed() { return std::move(sealed_); }

private:
    void make_way(const std::filesystem::path& path);

    std::vector<std::string> words_;
    std::vector<std::string> sealed_;
    std::vector<sight> never_;
    std::vector<std::filesystem::path> covered_;
    std::set<std::filesystem::path> made_;
};

/// What /proc is: the sandbox's own; the host's, over which the keeper inside mounts its own (task_users.hpp); nothing.
enum class processes { own, covered, none };

/// Adds what is the same for each program of a task: the toolchain, /etc, /proc, /dev and scratch space. The scratch
/// space is in memory: it may fill three quarters of `memory_bytes` (0: no limit).
void add_system(command_line& line, std::uint64_t memory_bytes = 0, processes seen = processes::own);

/// Why `hidden` cannot be kept from tasks that see these tools: one sentence without a full stop; empty: it can.
std::string why_not_hidden(const std::vector<std::filesystem::path>& hidden,
                           const std::vector<std::filesystem::path>& tools, const std::vector<mounted>& mounts);

/// The path inside the sandbox of the host's path `host`: below the tree, the home, the gateway or the history; any
/// other path stays the same.
std::string path_inside(const view& what, const std::filesystem::path& host);

/// Throws logic_error when the spec has secrets, because a confined program is trusted with none.
void refuse_secrets(const child_spec& spec);

/// Holds the program to `disk` in the folders that it may write. Where spec.limits names no size of a
/// file, one may be as large as all.
void hold_to(child_spec& spec, const disk_plan& disk, const view& what);

/// Has the view's layers mounted for the program.
void put_layers(child_spec& spec, const view& what);

} // namespace persais::sandbox
