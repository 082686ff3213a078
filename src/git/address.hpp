#pragma once
#include "git/git.hpp"
#include "git/remote_address.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace persais::git {

/// The form alone.
outcome<address> read_address(const remote& where);

/// read_address, and whether there is what it takes to speak to it (ssh: key and known hosts).
outcome<address> read_reachable(const remote& where);

/// What a command that speaks to the remote over http needs: GIT_SSL_CAINFO; when there is a token GIT_ASKPASS and what
/// its script asks for.
std::vector<std::string> remote_environment(const address& at, const remote& where,
                                            const std::filesystem::path& askpass);
/// The token itself, for the environment of that git only.
std::vector<std::pair<std::string, secret>> remote_secrets(const address& at, const remote& where);
std::vector<std::string> remote_settings(const address& at, const remote& where);

/// The script behind GIT_ASKPASS. Constant: it prints what its environment holds, and only when git asks for `origin`.
std::string_view askpass_script();

/// A folder name for this remote: readable, unique by a hash of the address.
std::string folder_name(const remote& where);

} // namespace persais::git
