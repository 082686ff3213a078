#pragma once
#include "config/settings.hpp"

#include <optional>
#include <string>

namespace persais::doctor {

/// A forge's API for one repository, and where our token may be shown to it.
struct forge {
    enum class kind { github, gitlab, gitea };
    kind what;
    std::string api;  // without a slash at the end
    std::string path; // owner/name; with groups at GitLab
};

/// The forge behind GIT_REMOTE_URL by FORGE, else by its host; nothing for other hosts, paths and FORGE=none. The API
/// stands on the remote's own host (api.github.com for github.com), or where GITHUB_API_URL and its like say, which
/// must be https or this machine.
std::optional<forge> forge_of(const config::settings& s);

} // namespace persais::doctor
