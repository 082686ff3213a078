#pragma once
#include <filesystem>

namespace persais {

/// A new folder of this user below the system's folder for temporary files; the destructor removes it. Its path is
/// short enough for a unix socket in it. Throws system_error when it cannot be created.
class passing_folder {
public:
    passing_folder();
    ~passing_folder();
    passing_folder(const passing_folder&) = delete;
    passing_folder& operator=(const passing_folder&) = delete;
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

} // namespace persais
