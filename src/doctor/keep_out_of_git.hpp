#pragma once
#include "base/async.hpp"
#include "config/settings.hpp"

#include <filesystem>

namespace persais::doctor {

/// Has git overlook a file in whose folder somebody may work on a checkout: a line in the checkout's own list of what
/// is ignored (.git/info/exclude), which is nobody else's. Gives that list's path; empty: there is no checkout, git
/// overlooks the file already or has it, or the list cannot be written.
awaitable<std::filesystem::path> keep_out_of_git(std::filesystem::path file, config::environment variables);

} // namespace persais::doctor
