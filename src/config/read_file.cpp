#include "config/read_file.hpp"

#include "base/told.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

namespace persais::config {

namespace {

struct descriptor {
    int number;
    explicit descriptor(int n) : number(n) {}
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    ~descriptor() {
        if (number >= 0) ::close(number);
    }
};

std::string reason() {
    return told<"cannot be read: {}", "не удаётся прочитать: {}">(std::strerror(errno));
}

} // namespace

result<std::string> read_file(const std::filesystem::path& path, std::size_t most) {
    // It is opened non-blocking, because a named pipe without a writer would block the start.
    descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (file.number < 0) return fail(reason());
    struct stat facts{};
    if (::fstat(file.number, &facts) != 0) return fail(reason());
    if (!S_ISREG(facts.st_mode)) return fail(told<"is no regular file", "это не обычный файл">());
    std::string text(most + 1, '\0');
    std::size_t used = 0;
    while (used < text.size()) {
        auto got = ::read(file.number, text.data() + used, text.size() - used);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(reason());
        if (got == 0) break;
        used += static_cast<std::size_t>(got);
    }
    if (used > most) return fail(told<"is larger than {} bytes", "больше {} байт">(most));
    text.resize(used);
    return text;
}

} // namespace persais::config
