#include "git/look_sums.hpp"

#include "git/limits.hpp"

namespace persais::git {

std::string_view last_part(std::string_view path) {
    return path.substr(path.rfind('/') + 1); // npos + 1 is 0
}

void look_sums::enter(const struct stat& folder, dev_t device, int depth) {
    if (depth > limits::import_depth || folder.st_dev != device || (folder.st_mode & S_IRWXU) != S_IRWXU)
        throw not_plain{};
}

bool look_sums::fresh(std::string_view name, const struct stat& info) {
    if (name == ".git" || name == attributes_file) throw not_plain{};
    if (S_ISDIR(info.st_mode)) return true;
    if (!S_ISREG(info.st_mode) && !S_ISLNK(info.st_mode)) return false;
    take(info);
    if (++files_ > limits::import_files) throw not_plain{};
    return true;
}

void look_sums::take(const struct stat& info) {
    if (!S_ISREG(info.st_mode) && !S_ISLNK(info.st_mode)) throw not_plain{};
    if (S_ISREG(info.st_mode) && (info.st_mode & S_IRUSR) == 0) throw not_plain{};
    bytes_ += static_cast<std::uintmax_t>(info.st_size);
    if (bytes_ > limits::import_bytes) throw not_plain{};
}

void look_sums::take_folder() {
    if (++folders_ > limits::import_files) throw not_plain{};
}

} // namespace persais::git
