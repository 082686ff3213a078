#pragma once
#include <filesystem>

namespace persais {

/// A folder of this user's own below the system's place for temporary files, gone with this object. Short enough for a
/// unix socket in it. Throws system_error when there is no place.
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
