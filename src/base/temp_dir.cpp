#include "base/temp_dir.hpp"

#include <cstdlib>
#include <system_error>

namespace persais {

namespace fs = std::filesystem;

passing_folder::passing_folder() {
    std::string pattern = "/tmp/persais-doctor-XXXXXX";
    if (!::mkdtemp(pattern.data())) throw std::system_error(errno, std::generic_category(), "cannot make " + pattern);
    path_ = pattern;
}

passing_folder::~passing_folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

} // namespace persais
