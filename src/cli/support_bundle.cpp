#include "cli/support_bundle.hpp"

#include "backup/tar.hpp"
#include "base/text.hpp"
#include "base/told.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <unistd.h>

#include <fmt/format.h>

namespace persais::cli {

namespace fs = std::filesystem;

result<support_bundle> support_bundle::make(fs::path file) {
    int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return fail(told<"{} cannot be written: {}", "{} не записать: {}">(text::printable(file.string()),
                                                                           std::strerror(errno)));
    return support_bundle(std::move(file), fd);
}

void support_bundle::hide_words(std::string_view text) {
    mask_.add(secret(std::string(text)));
    while (!text.empty()) {
        auto end = std::min(text.find('\n'), text.size());
        mask_.add(secret(std::string(text::trim(text.substr(0, end)))));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

bool support_bundle::write(std::string_view bytes) {
    while (!bytes.empty() && !broken_) {
        auto n = ::write(out_, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        broken_ = n <= 0;
        if (!broken_) bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return !broken_;
}

bool support_bundle::add(std::string_view name, std::string_view content) {
    auto masked = mask_(std::string(content));
    return write(backup::tar_header({.name = std::string(name), .bytes = masked.size()})) && write(masked) &&
           write(backup::tar_padding(masked.size()));
}

result<void> support_bundle::end() {
    write(backup::tar_end());
    if (::close(out_) != 0) broken_ = true;
    if (!broken_) return {};
    std::error_code ignored;
    fs::remove(file_, ignored);
    return fail(told<"{} could not be written whole: is the disk full?", "{} не удалось записать целиком: диск полон?">(
        text::printable(file_.string())));
}

result<std::string> tail_of(const fs::path& file, std::size_t most) {
    std::error_code ec;
    std::ifstream in;
    if (fs::is_regular_file(file, ec)) in.open(file, std::ios::binary | std::ios::ate);
    if (!in.is_open()) return fail(told<"{} cannot be read.", "{} не прочитать.">(text::printable(file.string())));
    auto size = static_cast<std::size_t>(in.tellg());
    auto from = size > most ? size - most : 0;
    in.seekg(static_cast<std::streamoff>(from));
    std::string all(size - from, '\0');
    in.read(all.data(), static_cast<std::streamsize>(all.size()));
    all.resize(static_cast<std::size_t>(in.gcount()));
    if (from > 0) { // what is cut may be half a secret, which no mask knows
        auto line = all.find('\n');
        all.erase(0, line == all.npos ? line : line + 1);
    }
    return all;
}

} // namespace persais::cli
