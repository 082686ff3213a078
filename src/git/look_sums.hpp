#pragma once

#include <cstdint>
#include <string_view>
#include <sys/stat.h>

namespace persais::git {

inline constexpr std::string_view attributes_file = ".gitattributes", ignore_file = ".gitignore";

/// The last name of a path.
std::string_view last_part(std::string_view path);

/// Thrown inside of a look that cannot tell everything: it is left to the whole import.
struct not_plain {};

/// What a look at a tree may find, and how much: the same for each way of looking, so that all leave the same to the
/// whole import. Each function throws not_plain.
class look_sums {
public:
    /// A folder whose owner's git can read it, so deep below the tree, or below a new folder.
    static void enter(const struct stat& folder, dev_t device, int depth);
    /// Whether what the base does not have is something that a commit can have.
    bool fresh(std::string_view name, const struct stat& info);
    /// Git reads it, and what is in there counts, although git may ignore it.
    void take(const struct stat& info);
    void take_folder();

private:
    std::uintmax_t bytes_ = 0;
    std::size_t files_ = 0, folders_ = 0;
};

} // namespace persais::git
