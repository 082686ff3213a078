#pragma once
#include "base/result.hpp"
#include "sandbox/child.hpp"
#include "sandbox/limits.hpp"
#include "sandbox/memory.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace persais::sandbox {

/// What a folder of a view is made of when it is mounted for each program anew, and is empty for everybody else:
/// folders that the program cannot change, and one that gets its changes and keeps them for the next program. No two
/// programs may have the same `upper` at once.
struct layers {
    struct below {
        std::filesystem::path folder;
        bool lent = false; // it is the service's own, and each program sees it as its own user's; else of `slot` before
    };
    std::vector<below> lower;    // the uppermost first; at most keeper::most_lower
    std::filesystem::path upper; // holds two folders: `files`, the changes, given to the slot, and `work`
    explicit operator bool() const { return !lower.empty(); }
};

/// How far the sandbox can put layers together. without_moves: a program that moves a folder of a lower layer by
/// rename() is refused (EXDEV), as between two disks; `mv` copies it then, `git mv` fails.
enum class layering { none, without_moves, whole };

/// What one task's programs may see. Paths are those of the host; inside, the tree is /work/tree, the home /home/agent,
/// the gateway's socket /run/persais/gateway.sock, the history /run/persais/history, the tags /run/persais/tags, and each
/// `tools` folder has the same path; the last three are read-only.
struct view {
    std::filesystem::path tree;
    std::filesystem::path home;
    std::filesystem::path gateway;            // unix socket; empty: none
    std::filesystem::path history;            // objects that the tree's repository borrows; empty: none
    std::filesystem::path tags;               // a file, what is known of the tree's files; empty: none
    std::vector<std::filesystem::path> tools; // read-only, at the same path
    layers tree_layers = {};                  // none: the tree is simply there
    layers home_layers = {};
    bool read_only_tree = false; // for `ask`
    unsigned disk_shares = 1;    // of what a task may use of the disk: 2 for git's steps on a tree that may be full
    unsigned slot = 0;           // selects the task's own uid when started as root
};

inline constexpr const char* tree_inside = "/work/tree";
inline constexpr const char* home_inside = "/home/agent";
inline constexpr const char* gateway_inside = "/run/persais/gateway.sock";
inline constexpr const char* history_inside = "/run/persais/history";
inline constexpr const char* tags_inside = "/run/persais/tags";
inline constexpr const char* keeper_inside = "/run/persais/keeper";
inline constexpr const char* clone_library_inside = "/run/persais/clone.so";

/// The uids of tasks, which exist nowhere else: task_uids_from + slot, when the service was started as root. The second
/// range is for a container that has only 65,536 ids. Slots are below limits::sandbox_slots.
inline constexpr unsigned task_uids_from = 70000;
inline constexpr unsigned task_uids_from_in_a_container = 61000;

/// The isolation level (design.md D9) that this machine allows. Level B does not exist yet; it would be added here.
enum class isolation_level { bubblewrap, unsafe, refused };

/// How the programs of a task are confined. Each process has one backend, which `choose` creates at the start.
class backend {
public:
    virtual ~backend() = default;
    virtual isolation_level level() const = 0;
    /// False: programs run as the service's own user without confinement. What people are told about the sandbox
    /// depends on this and not on PERSAIS_UNSAFE, which only allows it where no isolation level works.
    bool confines() const { return level() != isolation_level::unsafe; }
    /// Returns a spec that runs `spec` confined to `what`. spec.folder and the paths in argv are those inside. Throws
    /// logic_error for a spec with secrets, because a confined program is trusted with none.
    virtual child_spec confine(child_spec spec, const view& what) const = 0;
    /// Returns a spec that runs `spec` as a prepared parent (prepared_parent.hpp): it sees these tools and the system,
    /// and at clone_library_inside what a program in an interpreter needs to join sandboxes. nullopt: this backend has
    /// none.
    virtual std::optional<child_spec> confine_parent(child_spec, const std::vector<std::filesystem::path>&) const {
        return std::nullopt;
    }
    /// The files of ours that a parent and the keepers of its clones run: one that has others is of no use (decision
    /// 0054).
    virtual std::vector<std::filesystem::path> parent_parts() const { return {}; }
    /// Gives a task's folder (tree or home) to the uid that its programs run as.
    virtual void hand_over(const std::filesystem::path& folder, unsigned slot) const = 0;
    /// The same in a separate process, for trees of unknown size, so that the loop is not blocked.
    virtual awaitable<void> hand_over_beside(std::filesystem::path folder, unsigned slot) const {
        hand_over(folder, slot);
        co_return;
    }
    /// What limits the memory of confined programs, and how many were ended for it.
    virtual memory_state memory() const { return {}; }
    /// The path at which a confined program finds a path of the host, such as `view.tree`: the inside path, or the
    /// host's when unsafe.
    virtual std::string inside(const view& what, const std::filesystem::path& host) const = 0;
};

/// The choice made at start; `why` is the sentence of a refusal: what was tried, what the system answered, what to
/// change.
struct choice {
    std::unique_ptr<backend> use; // never null; level() may be refused
    std::string why;
    int landlock = 0; // its version on this kernel, which confined programs are under as well; 0: there is none
};

} // namespace persais::sandbox
