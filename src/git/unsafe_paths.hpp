#pragma once
#include "git/changes.hpp"

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace persais::git {

/// The links that lead out of the tree, of all links of one tree, in their order. Followed without a disk, through the
/// tree's own links, as any of the file systems would (base/paths.hpp). Out of the tree is also git's own folder.
std::vector<tree_link> leading_out(const std::vector<tree_link>& all);

/// Finds names of a change that are, on a file system which ignores case, the name of something else in the tree.
class collisions {
public:
    explicit collisions(std::vector<std::string> added);
    /// Called for each file of the tree.
    void look_at(std::string_view path);
    const std::optional<colliding>& first() const { return found_; }

private:
    void look_at_short_names(std::string_view path);

    std::vector<std::string> added_;
    std::unordered_map<std::string, std::size_t> by_key_;    // of whole paths
    std::unordered_map<std::string, std::size_t> by_folder_; // of the folders that they are in
    struct shortened {
        std::size_t n;
        std::string key; // of the part that has the form of a short name
    };
    std::unordered_multimap<std::string, shortened> by_stub_; // of the folder's key and the part's stub
    std::optional<colliding> found_;
};

/// What is unsafe in a tree that is in the mirror, by what the change to it does. Empty for most changes without
/// reading the tree.
struct unsafe_paths {
    std::vector<tree_link> links_out; // new, changed, or leading elsewhere than in the base
    std::optional<colliding> collides;
};
awaitable<outcome<unsafe_paths>> find_unsafe_paths(layout at, std::string base, std::string tree, changes what);

} // namespace persais::git
