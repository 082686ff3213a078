#include "base/temp_dir.hpp"

#include <cstdlib>
#include <system_error>

namespace persais {

namespace fs = std::filesystem;

temp_dir::temp_dir() {
    std::string pattern = "/tmp/persais-temp-XXXXXX";
    if (!::mkdtemp(pattern.data())) throw std::system_error(errno, std::generic_category(), "cannot make " + pattern);
    path_ = pattern;
}

temp_dir::~temp_dir() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

} // namespace persais
