#pragma once
#include <optional>
#include <string>

namespace persais::cli {

/// The remote of the checkout that the working folder is in: that of the current branch, else `origin`. nullopt: it is
/// no checkout, or has no remote. Nothing is asked of the network. A user and password in the address are left out,
/// because credentials come from the settings.
std::optional<std::string> remote_of_checkout();

/// What git says for it, made into an address that can be used anywhere. `root` is the checkout's folder.
std::string remote_address(std::string said, const std::string& root);

} // namespace persais::cli
