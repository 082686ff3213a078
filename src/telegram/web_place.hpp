#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace persais::telegram {

/// Where a repository is looked at with a browser.
struct web_place {
    enum class kind { none, github, gitlab, gitea };
    kind what = kind::none;
    std::string address; // https://host/owner/name, without user or token
    bool operator==(const web_place&) const = default;
};

/// By the remote's host, or by `known` (FORGE) for hosts of one's own. https, http and ssh remotes; paths have none.
web_place web_place_of(std::string_view remote, web_place::kind known = web_place::kind::none);

/// Empty: the place is none.
std::string branch_address(const web_place& at, std::string_view branch);

/// What tells a repository from others: "owner/name" of an address, the folder of a path.
std::string short_name(std::string_view remote);

} // namespace persais::telegram
