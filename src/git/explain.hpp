#pragma once
#include "git/git.hpp"
#include "git/limits.hpp"
#include "git/remote_address.hpp"
#include "git/said.hpp"
#include "sandbox/child.hpp"

#include <string>
#include <string_view>

namespace persais::git {

/// Turns a failed run of git into one sentence for a person. `token` is removed from everything that is quoted; `key`
/// is the fingerprint of the key that was used.
failure explain(const sandbox::child_result& result, const address& at, doing what, const secret& token = {},
                std::string_view key = {});

/// The same for a local command, which involves no remote.
failure explain_local(const sandbox::child_result& result, std::string_view step, const secret& token = {});

/// The message of git or a server, for a person: without decoration and control characters, at most
/// limits::git_words_bytes.
std::string words_of(std::string_view standard_error, const secret& token = {});

} // namespace persais::git
