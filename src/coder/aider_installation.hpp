#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace persais::coder {

/// The paths of aider: its Python environment (a folder with bin/python) and our wrapper (run.py).
struct aider_installation {
    std::filesystem::path environment;
    std::filesystem::path wrapper;
};

/// What a program of this installation has to see: folders, read-only.
std::vector<std::filesystem::path> tools_of(const aider_installation& where);

/// Another text whenever this installation, its interpreter or one of these files (or folders) is installed anew.
std::string stamp_of(const aider_installation& where, std::vector<std::filesystem::path> parts);

/// The environment of such a program; nothing of the service's is passed on: no key, no proxy, no path of the host.
std::vector<std::string> environment_of(const std::string& home);

} // namespace persais::coder
