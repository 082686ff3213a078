#pragma once
#include "sandbox/toolchain.hpp"

namespace persais::worker {

using sandbox::toolchain;

/// The environment of setup and checks inside the sandbox. `network`: adds proxies and certificate files.
std::vector<std::string> check_environment(const toolchain& tools, const std::string& home,
                                           const std::map<std::string, std::string>& environment, bool network);

} // namespace persais::worker
