#pragma once
#include "git/lock.hpp"
#include "sandbox/limits.hpp"

#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>

namespace persais::worker {

/// What a setup left in a tree of layers and in its home, at the commit of the checkout below, kept beside that
/// checkout for other tasks: two folders, `tree` and `home`, that are the service's own and never change.
struct shared_setup {
    std::filesystem::path folder;
    git::held_lock in_use; // keeps it from being removed
};

/// `checkout`: git::base_tree::folder. `key`: all that the result depends on but the commit. nullopt: there is none, or
/// it is older than limits::shared_setup_age.
awaitable<std::optional<shared_setup>> find_shared_setup(std::filesystem::path checkout, std::string key);

/// What is kept of a setup is of no use any more, and the setup has to run again.
struct lost_setup : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Makes what a setup left in `kept` a shared one: its files become the service's (started as root), and it is moved. A
/// result that is there is replaced when nobody uses it. nullopt: it stays where it is, because it is too large, the
/// disk is nearly full, there are enough that are in use, it lies on another disk, or something failed.
/// Throws lost_setup when it could not be left as it was.
awaitable<std::optional<shared_setup>> share_setup(std::filesystem::path checkout, std::string key,
                                                   std::filesystem::path kept, std::uintmax_t bytes);

/// How large a result may be that others get, where so many bytes of the disk are free: what is shared stays on it.
std::uintmax_t shareable_bytes(std::uintmax_t free);

/// Removes the results below `mirrors`, the folder of all, that are too old, and where less than this is free all of
/// them; never one that is in use.
awaitable<void> tidy_shared_setups(std::filesystem::path mirrors,
                                   std::uintmax_t least_free = 2 * limits::disk_reserve_bytes);

/// Nobody finds it any more; those who have it keep it.
void unshare_setup(const shared_setup& one);

} // namespace persais::worker
