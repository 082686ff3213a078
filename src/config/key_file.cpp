#include "config/key_file.hpp"

#include "base/limits.hpp"
#include "base/random.hpp"
#include "base/text.hpp"
#include "config/read_file.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace persais::config {

namespace fs = std::filesystem;

namespace {

/// Writes the key to a new file and syncs it to the disk; false: errno has the reason.
bool write_key(const fs::path& at, const secret& key) {
    int fd = ::open(at.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return false;
    auto line = around("", key, "\n");
    const auto& text = line.reveal();
    bool ok = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(fd) == 0;
    return (::close(fd) == 0) && ok;
}

} // namespace

result<key_in_file> key_file(const fs::path& path, const std::function<secret()>& make) {
    std::error_code ec;
    bool made = false;
    if (!fs::exists(path, ec)) {
        fs::create_directories(path.parent_path(), ec);
        auto fresh = path.parent_path() / (path.filename().string() + "." + random_word(8));
        bool written = write_key(fresh, make());
        // It is linked, not renamed, because of two processes at once the second must not replace the first one's key.
        made = written && ::link(fresh.c_str(), path.c_str()) == 0;
        int why = errno;
        ::unlink(fresh.c_str());
        if (!made && (!written || why != EEXIST)) return fail(std::strerror(why));
    }
    auto text = read_file(path, limits::settings_file_bytes);
    if (!text) return fail(text.error());
    return key_in_file{secret(std::string(text::trim(*text))), made};
}

} // namespace persais::config
