#pragma once
#include "git/git.hpp"
#include "git/remote_address.hpp"
#include "git/said.hpp"

#include <optional>

namespace persais::git {

/// The messages of a git over ssh, those of the client and the server together.
struct ssh_story {
    const said& text;
    const address& at;
    doing what;
    std::string_view quote; // words_of the messages
    std::string_view raw;   // standard error as it was received
    std::string_view key;   // the fingerprint of the key, may be empty

    /// The failure, if no trusted connection could be made, or the login was refused.
    std::optional<failure> connection() const;
    /// The failure, if the login succeeded, but without the right to use this repository or to write to it.
    std::optional<failure> rights() const;
};

} // namespace persais::git
