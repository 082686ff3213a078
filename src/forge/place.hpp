#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace persais::forge {

/// The software of a host. Gitea's fork Forgejo has the same pages and the same API.
enum class kind { github, gitlab, gitea };

/// "GitHub", as its makers write it.
std::string_view name_of(kind);

/// A repository at a forge.
struct place {
    forge::kind kind;
    std::string web;  // the repository's page, https://host[:port]/owner/name; http where the remote is http
    std::string api;  // the root of the API, without a slash at the end; https, but for http to this machine
    std::string path; // owner/name, with all groups at GitLab; not percent-encoded
    bool operator==(const place&) const = default;
};

/// The forge of a remote: http, https or ssh, as a URL or as user@host:path, of a repository that has an owner.
/// `setting`: the value of FORGE. `none`: no remote is at a forge. Another value is the kind of a self-hosted forge;
/// when it is empty, the kind is guessed from the host's name (gitlab.example.org). For the public hosts the name alone
/// decides. A user or token in the address is left out.
std::optional<place> place_of(std::string_view remote, std::string_view setting = "");

/// The page of a branch.
std::string branch_page(const place& at, std::string_view branch);

/// The part of an address that distinguishes repositories: "owner/name" of a URL, the folder of a path.
std::string short_name(std::string_view remote);

/// The user name that git uses with a token at this remote; "git" where it does not matter.
std::string token_user(std::string_view remote, std::string_view setting = "");

/// The characters that are not escaped in the path of a page or an API; within one segment the slash is.
inline constexpr std::string_view path_characters = "-._~/";

} // namespace persais::forge
