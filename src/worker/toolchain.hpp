#pragma once
#include "sandbox/toolchain.hpp"

namespace persais::worker {

using sandbox::toolchain;

/// What a program reaches of the network: the hosts of its plan, by a proxy of ours; or all that this machine does.
enum class reach { nothing, some, all };
/// The environment of setup and checks inside the sandbox: with a network, certificate files; with `all` of it, this
/// machine's proxies.
std::vector<std::string> check_environment(const toolchain& tools, const std::string& home,
                                           const std::map<std::string, std::string>& environment, reach network);

} // namespace persais::worker
