#pragma once
#include "sandbox/keeper/own_users.hpp"
#include "sandbox/keeper/walk.hpp"

#include <cstdio>

namespace persais::keeper {

/// An ordinary user reads folders that a task closed to itself, too, as the owner of a user namespace of its own.
inline void read_all_folders() {
    [[maybe_unused]] int ignored = own_users();
}

/// What a folder holds.
struct folder_measure {
    unsigned long long bytes = 0; // blocks, the share of each of a file's names
    size_t longest_path = 0;      // from the folder
    bool blind = false;           // something could not be read: it may be more
};

/// Measures a folder of any depth. Returns an errno, or 0.
inline int measure_all(const char* path, folder_measure& into) {
    walk all;
    int error = all.below(path, [&](int, const char* name, const struct stat& of) {
        into.bytes += static_cast<unsigned long long>(of.st_blocks) * 512 /
                      (S_ISDIR(of.st_mode) || of.st_nlink == 0 ? 1 : of.st_nlink);
        size_t length = all.path_bytes() + (all.path_bytes() > 0) + std::strlen(name);
        if (length > into.longest_path) into.longest_path = length;
        return 0;
    });
    into.blind = all.unreadable();
    return error;
}

/// `persais-keeper measure FOLDER` prints "BYTES LONGEST_PATH"; returns an errno, or 0, as the exit code.
inline int measure(const char* folder) {
    read_all_folders();
    folder_measure found;
    int error = measure_all(folder, found);
    if (error == 0 && std::printf("%llu %zu\n", found.bytes, found.longest_path) < 0) error = EIO;
    if (error == 0 && std::fflush(stdout) != 0) error = EIO;
    return error;
}

} // namespace persais::keeper
