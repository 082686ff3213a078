#include "config/master_key.hpp"

#include "base/limits.hpp"
#include "base/random.hpp"
#include "base/text.hpp"
#include "base/told.hpp"
#include "config/read_file.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace persais::config {

namespace fs = std::filesystem;

namespace {

/// Writes the key to a new file and syncs it to the disk; false: errno has the reason.
bool write_key(const fs::path& at, std::string_view key) {
    int fd = ::open(at.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return false;
    bool ok = ::write(fd, key.data(), key.size()) == static_cast<ssize_t>(key.size()) && ::fsync(fd) == 0;
    return (::close(fd) == 0) && ok;
}

} // namespace

result<secret> master_key(const settings& from) {
    if (!from.persais_master_key.empty()) return from.persais_master_key;
    auto path = from.data / "master.key";
    std::error_code ec;
    if (!fs::exists(path, ec)) {
        fs::create_directories(from.data, ec);
        auto fresh = from.data / ("master.key." + random_word(8));
        bool written = write_key(fresh, random_word(32) + "\n");
        // It is linked, not renamed, because of two processes at once the second must not replace the first one's key.
        bool linked = written && (::link(fresh.c_str(), path.c_str()) == 0 || errno == EEXIST);
        int why = errno;
        ::unlink(fresh.c_str());
        if (!linked)
            return fail(told<"The key that seals secrets could not be written to {}: {} (PERSAIS_DATA names the "
                             "folder, PERSAIS_MASTER_KEY another key).",
                             "Ключ, которым шифруются секреты, не удалось записать в {}: {} (папку задаёт "
                             "PERSAIS_DATA, другой ключ — PERSAIS_MASTER_KEY).">(path.string(), std::strerror(why)));
    }
    auto text = read_file(path, limits::settings_file_bytes);
    if (!text) return fail(text.error());
    auto key = std::string(text::trim(*text));
    if (key.empty())
        return fail(told<"The key that seals secrets, {}, is empty: put your copy of it there, or remove the "
                         "file and give the secrets anew.",
                         "Ключ, которым шифруются секреты, {}, пуст: положите туда его копию или удалите файл и "
                         "задайте секреты заново.">(path.string()));
    return secret(std::move(key));
}

} // namespace persais::config
