#pragma once
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace persais::keeper {

inline constexpr int layers_hold = 0, layers_do_not_hold = 1, layers_cannot_move = 2;

/// Runs as the confined program in a tree whose lower layer has `kept/file`, `gone/file` and `moved/file`, and does
/// what programs do. Prints one sentence about what does not hold. layers_cannot_move: they hold, but a folder of the
/// lower layer is not moved by rename().
inline int probe_layers() {
    auto wrong = [](const char* what) {
        std::printf("%s\n", what);
        std::fflush(stdout);
        return layers_do_not_hold;
    };
    if (chdir("/work/tree") != 0) return wrong("the tree cannot be entered");
    struct stat info{};
    if (stat("kept/file", &info) != 0) return wrong("the lower layer is not seen");
    if (info.st_uid != getuid() || info.st_gid != getgid()) return wrong("the lower layer belongs to another user");
    int file = open("kept/file", O_WRONLY | O_APPEND | O_CLOEXEC);
    bool wrote = file >= 0 && write(file, "x", 1) == 1;
    if (file >= 0) close(file);
    if (!wrote || stat("kept/file", &info) != 0 || info.st_size != 2) return wrong("a file cannot be changed");
    if (mkdir("new", 0755) != 0 || rename("kept/file", "new/file") != 0) return wrong("a file cannot be moved");
    if (unlink("gone/file") != 0 || rmdir("gone") != 0) return wrong("a folder cannot be removed");
    if (mkdir("gone", 0755) != 0 || stat("gone/file", &info) == 0) return wrong("a folder cannot be replaced");
    if (rename("moved", "there") != 0) return errno == EXDEV ? layers_cannot_move : wrong("a folder cannot be moved");
    return stat("there/file", &info) == 0 ? layers_hold : wrong("what was moved is not seen");
}

} // namespace persais::keeper
