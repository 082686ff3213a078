#pragma once
#include "base/result.hpp"
#include "base/secret.hpp"

#include <string>
#include <string_view>

/// What people write as GIT_SSH_KEY and GIT_SSH_KNOWN_HOSTS.
namespace persais::git {

/// A private key as ssh reads it, of one as people paste it: literal \n, \r\n, one line with blanks, quotes around it,
/// no newline at its end.
secret tidy_key(const secret& pasted);

/// Whether this is the text of a private key that works without a question, as far as its form shows. The sentence
/// names GIT_SSH_KEY and never shows the value.
result<void> usable_key(const secret& tidy);

/// The lines that GIT_SSH_KNOWN_HOSTS means: its own (literal \n too), those of the file that it names, or, when it is
/// empty, the published ones.
result<std::string> known_host_lines(const std::string& setting);

/// The host keys that the big forges publish, as lines of a known_hosts file (host_keys.cpp says where from).
std::string_view published_host_keys();

} // namespace persais::git
