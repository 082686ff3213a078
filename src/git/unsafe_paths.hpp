#pragma once
#include "git/changes.hpp"
#include "git/tree_look.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace persais::git {

/// The links that lead out of the tree, of all links of one tree, in their order. Followed without a disk, through the
/// tree's own links, as any of the file systems would (base/paths.hpp). Out of the tree is also git's own folder.
std::vector<tree_link> leading_out(const std::vector<tree_link>& all);

/// Finds names of a change that are, on a file system which ignores case, the name of something else in the tree. It
/// keeps each name of a folder once, whatever is in it: a path with a thousand folders in one another has a thousand
/// names, and not as many paths.
class collisions {
public:
    explicit collisions(std::vector<std::string> added);
    /// Called for each file of the tree.
    void look_at(std::string_view path);
    const std::optional<colliding>& first() const { return found_; }

private:
    using place = std::size_t; // in places_; the first one is the top
    static constexpr auto none = static_cast<std::size_t>(-1);
    /// A file or folder of the change, by its key.
    struct named {
        std::size_t file = none;  // the path in added_ that is here
        std::size_t below = none; // one that is in this folder
    };
    struct shortened {
        std::size_t n;
        std::string key; // of the part that has the form of a short name
    };
    static std::string in(place folder, std::string_view name);
    place go(place folder, std::string_view key) const; // none: the change has nothing there
    void collides(std::size_t with, std::string_view path);

    std::vector<std::string> added_;
    std::vector<named> places_{named{}};
    std::unordered_map<std::string, place> inside_;           // of the folder's place and the part's key
    std::unordered_multimap<std::string, shortened> by_stub_; // of the folder's place and the part's stub
    std::optional<colliding> found_;
};

/// What is unsafe in a tree that is in the mirror, by what the change to it does. Empty for most changes without
/// reading the tree.
struct unsafe_paths {
    std::vector<tree_link> links_out; // new, changed, or leading elsewhere than in the base
    std::optional<colliding> collides;
};
/// `seen`: the look at the tree that this work was made of, which knows the files without asking git; null: nobody
/// looked, or the work is other work.
awaitable<outcome<unsafe_paths>> find_unsafe_paths(layout at, std::string base, std::string tree, changes what,
                                                   const tree_look* seen = nullptr);

/// The files of a tree after a change, in git's order: those of the base without `gone`, and with `added`, of which
/// none is in the base.
std::vector<std::string_view> files_after(const index_file& base, const std::vector<std::string>& gone,
                                          const std::vector<std::string>& added);

} // namespace persais::git
