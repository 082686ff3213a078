#pragma once
#include <filesystem>

namespace persais {

/// A new folder of this user below the system's folder for temporary files; the destructor removes it. Its path is
/// short enough for a unix socket in it. Throws system_error when it cannot be created.
class temp_dir {
public:
    temp_dir();
    ~temp_dir();
    temp_dir(const temp_dir&) = delete;
    temp_dir& operator=(const temp_dir&) = delete;
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

} // namespace persais
