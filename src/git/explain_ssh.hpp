#pragma once
#include "git/git.hpp"
#include "git/remote_address.hpp"
#include "git/said.hpp"

#include <optional>

namespace persais::git {

/// What a git that speaks ssh said, of client and server together.
struct ssh_story {
    const said& text;
    const address& at;
    doing what;
    std::string_view quote; // words_of it
    std::string_view raw;   // standard error as it came
    std::string_view key;   // its fingerprint, may be empty

    /// No connection that could be trusted, or one that did not let us in.
    std::optional<failure> connection() const;
    /// In, but not to this repository, or not to write.
    std::optional<failure> rights() const;
};

} // namespace persais::git
