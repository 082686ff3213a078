#pragma once
#include "base/result.hpp"
#include "base/secret.hpp"

#include <string>
#include <string_view>

/// The values that people write as GIT_SSH_KEY and GIT_SSH_KNOWN_HOSTS.
namespace persais::git {

/// Whether this is the text of a private key that works without a passphrase, as far as its form shows. The error names
/// GIT_SSH_KEY and never contains the value.
result<void> usable_key(const secret& tidy);

/// The known_hosts lines for GIT_SSH_KNOWN_HOSTS: its own lines (also with literal \n), those of the file that it
/// names, or, when it is empty, the published ones.
result<std::string> known_host_lines(const std::string& setting);

/// The host keys that the big forges publish, as lines of a known_hosts file (host_keys.cpp names the sources).
std::string_view published_host_keys();

} // namespace persais::git
