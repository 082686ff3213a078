#pragma once
#include "forge/place.hpp"
#include "worker/dependencies.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persais::worker {

/// A repository whose forge is listened to (FORGE_INTAKE, or its own setting).
struct listened {
    std::string remote;
    forge::place at;
};
std::vector<listened> all_listened(const dependencies& with);
/// The one that the forge calls `name` (owner/name, in any case of letters).
std::optional<listened> listened_named(const dependencies& with, forge::kind kind, std::string_view name);

/// The task that a branch of ours is of, by its name; nullopt: it is none of ours.
std::optional<task_id> task_of_branch(std::string_view branch);
/// What the names of such branches begin with.
inline constexpr std::string_view our_branches = "mechanic/";

} // namespace persais::worker
