#pragma once
#include "git/git.hpp"
#include "git/remote_address.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace persais::git {

/// Checks the form only.
outcome<address> read_address(const remote& where);

/// As read_address, and also checks that everything needed to connect is there (for ssh a key and known hosts).
outcome<address> read_reachable(const remote& where);

/// The environment for a command that uses the remote over http: GIT_SSL_CAINFO and, when there is a token, GIT_ASKPASS
/// and the variables that its script reads.
std::vector<std::string> remote_environment(const address& at, const remote& where,
                                            const std::filesystem::path& askpass);
/// The variable with the token itself, for the environment of that one git only.
std::vector<std::pair<std::string, secret>> remote_secrets(const address& at, const remote& where);
/// The git settings ("name=value") for a command that uses the remote.
std::vector<std::string> remote_settings(const address& at, const remote& where);

/// The script for GIT_ASKPASS. It is constant: it prints what is in its environment, and only when git asks for
/// `origin`.
std::string_view askpass_script();

/// The name of a folder for this remote: readable, and unique by a hash of the address.
std::string folder_name(const remote& where);
/// The name of a folder for `whole`: the end of what is readable of it, and a hash of all.
std::string folder_name(std::string_view readable, std::string_view whole);

} // namespace persais::git
