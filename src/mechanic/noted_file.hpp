#pragma once
#include <string>

namespace persais::mechanic {

/// A file of a change that a person should look at, because it decides more than its lines say.
struct noted_file {
    std::string kind; // "ci", "lock", "licence"
    std::string path;
    bool operator==(const noted_file&) const = default;
};

} // namespace persais::mechanic
