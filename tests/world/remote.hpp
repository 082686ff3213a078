#pragma once
#include "base/ids.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace persais::world {

/// A process of ours. What it does has no effect any more when it is dead, though its coroutines still unwind.
struct life {
    int service = 0; // 0: a person
    int number = 0;  // counts all processes that ever ran
    bool alive = true;
    std::string name() const { return "p" + std::to_string(service) + "." + std::to_string(number); }
};

/// The remote: branches and their commits.
struct remote_model {
    std::map<std::string, std::string> branches;
    // branch and turn → every commit that we pushed to it
    std::map<std::pair<std::string, int>, std::set<std::string>> pushed_by_us;
    std::set<std::string> touched; // branches that somebody else wrote or deleted
    // of each repository, the commits of its base branch in order
    std::map<std::string, std::vector<std::string>> main;
    std::map<std::string, std::string> merged; // head of a request → the commit that it became on the base branch
    bool on_main(const std::string& repository, const std::string& commit) const {
        auto found = main.find(repository);
        return found != main.end() && std::ranges::find(found->second, commit) != found->second.end();
    }
    std::optional<std::string> at(const std::string& branch) const {
        auto found = branches.find(branch);
        return found == branches.end() ? std::nullopt : std::optional(found->second);
    }
};

/// The contents of a machine's disk, which outlives a process.
struct disk_model {
    std::set<std::string> kept;     // commits that a task's ref holds
    std::set<std::string> branches; // commits that came with the remote's branches
    std::map<std::pair<task_id, fence>, std::shared_ptr<const life>> places;
    bool has(const std::string& commit) const { return kept.contains(commit) || branches.contains(commit); }
};

} // namespace persais::world
