#pragma once
#include <array>
#include <filesystem>

/// Which folders of the host each sandbox shows, at their own paths and read-only.
namespace persais::sandbox {

/// Only what a package manager fills. /opt is not among them: what is there need not be a tool.
inline constexpr std::array system_roots = {"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix"};

/// Of /usr/local, where people put anything, only the folders for programs.
inline constexpr const char* local_root = "/usr/local";
inline constexpr std::array local_parts = {"bin", "sbin", "lib", "lib32", "lib64", "libexec", "include", "share"};

/// Whether each sandbox shows this path anyway.
bool always_shown(const std::filesystem::path& path);

} // namespace persais::sandbox
