#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace persais::worker {

/// The programs of this machine that checks may use beside the system's own: folders to show read-only, and the
/// variables that refer to them. Found from PATH: a compiler or interpreter that a person installed below their home.
/// Only bin folders and known tool roots are shown; never a home, a configuration or a credential file.
struct toolchain {
    std::vector<std::filesystem::path> folders;
    std::string path;                   // for PATH, without the folders of the sandbox's own home
    std::vector<std::string> variables; // "RUSTUP_HOME=…"
};
/// `environment`: this process's, of which PATH and HOME are read.
toolchain find_toolchain(const std::map<std::string, std::string>& environment);

/// The environment of setup and checks inside the sandbox. `network`: adds proxies and certificate files.
std::vector<std::string> check_environment(const toolchain& tools, const std::string& home,
                                           const std::map<std::string, std::string>& environment, bool network);

} // namespace persais::worker
