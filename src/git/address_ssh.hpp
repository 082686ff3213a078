#pragma once
#include "base/url.hpp"
#include "git/git.hpp"
#include "git/remote_address.hpp"

#include <string_view>

namespace persais::git {

inline constexpr int ssh_port = 22;

/// Reads `ssh://[user@]host[:port]/path`. Without a user it is `git`.
outcome<address> read_ssh_url(const url_parts& url);

/// Reads `[user@]host:path` and `[user@host:port]:path`; the path is relative to the user's home.
outcome<address> read_scp_form(std::string_view text);

/// Whether there is a usable key, and known hosts that can be read.
outcome<void> has_ssh_means(const address& at, const remote& where);

} // namespace persais::git
