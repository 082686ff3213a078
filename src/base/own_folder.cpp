#include "base/own_folder.hpp"

#include "base/told.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace persais {

namespace fs = std::filesystem;

namespace {

/// Mode 0700 would take these from the rest of the machine. Those in which everybody may write have the sticky bit.
constexpr std::array shared_folders = {"/",      "/bin", "/boot",      "/dev",  "/etc",    "/home", "/lib",
                                       "/media", "/mnt", "/opt",       "/proc", "/run",    "/sbin", "/srv",
                                       "/sys",   "/usr", "/usr/local", "/var",  "/var/lib"};

} // namespace

result<bool> make_own_folder(const fs::path& folder) {
    std::error_code ec;
    fs::create_directories(fs::absolute(folder).parent_path(), ec);
    bool made = ::mkdir(folder.c_str(), 0700) == 0;
    auto why = made ? 0 : errno;
    struct stat seen{};
    if (!made && (why != EEXIST || ::stat(folder.c_str(), &seen) != 0 || !S_ISDIR(seen.st_mode)))
        return fail(std::generic_category().message(why == EEXIST ? ENOTDIR : why));
    if (made) return false;
    auto real = fs::canonical(folder, ec);
    if ((seen.st_mode & S_ISVTX) != 0 || std::ranges::find(shared_folders, real.native()) != shared_folders.end())
        return fail(told<"other programs use this folder", "этой папкой пользуются другие программы">());
    constexpr mode_t to_others = 077 & ~S_IXGRP;
    if ((seen.st_mode & to_others) == 0 || seen.st_uid != ::geteuid()) return false;
    return ::chmod(folder.c_str(), 0700) == 0;
}

} // namespace persais
