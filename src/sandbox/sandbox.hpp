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

/// What one task's programs may see. Paths are the host's; inside, the tree is /work/tree, the home /home/agent,
/// the gateway's socket /run/persais/gateway.sock, and each `tools` folder stands at its own path, read-only.
struct view {
    std::filesystem::path tree;
    std::filesystem::path home;
    std::filesystem::path gateway;            // unix socket; empty: none
    std::vector<std::filesystem::path> tools; // read-only, at the same path
    bool network = false;                     // only setup commands
    bool read_only_tree = false;              // `ask`
    unsigned slot = 0;                        // picks the task's own uid when started as root
};

inline constexpr const char* tree_inside = "/work/tree";
inline constexpr const char* home_inside = "/home/agent";
inline constexpr const char* gateway_inside = "/run/persais/gateway.sock";

/// Users that exist nowhere else: task_uids_from + slot, when the service was started as root. In a container that has
/// only 65,536 ids, the second range. Slots are below limits::sandbox_slots.
inline constexpr unsigned task_uids_from = 70000;
inline constexpr unsigned task_uids_from_in_a_container = 61000;

/// The isolation level (design.md D9) that this machine allows. Level B is to come; its place is here.
enum class isolation_level { bubblewrap, unsafe, refused };

/// How programs of a task are confined. One for each process, made at start by `choose`.
class backend {
public:
    virtual ~backend() = default;
    virtual isolation_level level() const = 0;
    /// False: what runs is the service's own user and nothing holds it. What people are told of the sandbox is this,
    /// and not PERSAIS_UNSAFE, which only allows it where no isolation level holds.
    bool confines() const { return level() != isolation_level::unsafe; }
    /// Makes `spec` run confined to `what`. spec.folder and paths in argv are the inside's. Throws logic_error for a
    /// spec with secrets: what is confined is not trusted with any.
    virtual child_spec confine(child_spec spec, const view& what) const = 0;
    /// Gives a task's folder (tree or home) to the uid its programs run as.
    virtual void hand_over(const std::filesystem::path& folder, unsigned slot) const = 0;
    /// The same in a process beside this one, for trees of unknown size: the loop does not stand still.
    virtual awaitable<void> hand_over_beside(std::filesystem::path folder, unsigned slot) const {
        hand_over(folder, slot);
        co_return;
    }
    /// What holds the memory of confined programs, and how many were ended for it.
    virtual memory_state memory() const { return {}; }
    /// Where `view.tree` and so on are found by a confined program: the inside path, or the host's when unsafe.
    virtual std::string inside(const view& what, const std::filesystem::path& host) const = 0;
};

/// What was chosen at start; `why` is one sentence of a refusal: what was tried, what the system said, what to change.
struct choice {
    std::unique_ptr<backend> use; // never null; level() may be refused
    std::string why;
};

} // namespace persais::sandbox
