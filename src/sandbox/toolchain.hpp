#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace persais::sandbox {

/// The programs of this machine that checks may use beside those that each sandbox shows: files and folders to show
/// read-only, and the variables that refer to them. Found from PATH: a compiler or interpreter that a person installed
/// below their home, in /opt or in a folder of its own in /usr/local. Only folders of programs and what is known to
/// belong to them are shown; never a home, a configuration or a credential file.
struct toolchain {
    std::vector<std::filesystem::path> folders;
    std::string path;                   // for PATH, without the folders of the sandbox's own home
    std::vector<std::string> variables; // "RUSTUP_HOME=…"
};

/// `environment`: this process's, of which PATH and HOME are read.
toolchain find_toolchain(const std::map<std::string, std::string>& environment);

/// What a program needs beside itself, as far as no sandbox shows it anyway: the parts of its prefix, or the folder
/// that it is in. `program` is without symlinks.
std::vector<std::filesystem::path> needed_by(const std::filesystem::path& program);

} // namespace persais::sandbox
