#pragma once
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace persais::keeper {

/// One file of /proc or of a control group, read in one call; what does not fit is ignored.
template <unsigned Size = 4096>
class small_file {
public:
    /// False when the file cannot be read; errno has the reason.
    bool read(int folder, const char* path) {
        text_[0] = '\0';
        int fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
        if (fd < 0) return false;
        unsigned have = 0;
        ssize_t got = 0;
        while (have < Size - 1 && (got = ::read(fd, text_ + have, Size - 1 - have)) > 0)
            have += static_cast<unsigned>(got);
        int error = errno;
        close(fd);
        text_[have] = '\0';
        errno = error;
        return got >= 0;
    }
    bool read(const char* path) { return read(AT_FDCWD, path); }

    const char* text() const { return text_; }

    /// The number after `name` at the start of a line ("oom_kill 3", "Shmem:  8 kB"); 0 when there is none.
    unsigned long long after(const char* name) const {
        size_t length = std::strlen(name);
        for (const char* line = text_; line && *line; line = next(line))
            if (std::strncmp(line, name, length) == 0 && (line[length] == ' ' || line[length] == ':'))
                return std::strtoull(line + length + 1, nullptr, 10);
        return 0;
    }

private:
    static const char* next(const char* line) {
        const char* end = std::strchr(line, '\n');
        return end ? end + 1 : nullptr;
    }
    char text_[Size];
};

/// Returns an errno, or 0.
inline int write_small(const char* path, const char* value) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return errno;
    ssize_t wrote = write(fd, value, std::strlen(value));
    int error = wrote < 0 ? errno : 0;
    close(fd);
    return error;
}

} // namespace persais::keeper
