#include "git/index_file.hpp"

#include <cstring>

namespace persais::git {

namespace {

constexpr std::size_t header = 12, stat_bytes = 40, flags_bytes = 2;
constexpr std::uint16_t path_length = 0x0fff; // the flags that are not its length: none may be set

std::uint32_t read_number(std::string_view bytes, std::size_t at, int size = 4) {
    std::uint32_t value = 0;
    for (int i = 0; i < size; ++i)
        value = value << 8 | static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)]);
    return value;
}

} // namespace

file_mark mark_of(const struct stat& info) {
    auto low = [](auto value) { return static_cast<std::uint32_t>(value); };
    return {low(info.st_ctim.tv_sec), low(info.st_ctim.tv_nsec), low(info.st_mtim.tv_sec), low(info.st_mtim.tv_nsec),
            low(info.st_ino),         low(info.st_uid),          low(info.st_gid),         low(info.st_size)};
}

std::optional<index_file> index_file::parse(std::string bytes) {
    if (bytes.size() < header || !bytes.starts_with("DIRC") || read_number(bytes, 4) != 2) return std::nullopt;
    for (std::size_t id : {20U, 32U}) { // the file does not say which; the lengths fit one of them only
        index_file read;
        auto count = read_number(bytes, 8);
        auto fixed = stat_bytes + id + flags_bytes;
        if (count > bytes.size() / fixed) return std::nullopt;
        read.entries_.reserve(count);
        std::size_t at = header;
        for (std::uint32_t i = 0; i < count; ++i) {
            if (at + fixed + 1 > bytes.size()) break;
            auto flags = read_number(bytes, at + stat_bytes + id, 2);
            auto from = at + fixed;
            auto end = bytes.find('\0', from);
            if (end == bytes.npos || end == from) break;
            auto length = end - from;
            if (flags != std::min<std::size_t>(length, path_length)) break;
            auto mode = read_number(bytes, at + 24);
            if (mode != 0100644 && mode != 0100755 && mode != 0120000) break;
            auto next = at + ((fixed + length + 8) & ~std::size_t{7});
            if (next > bytes.size() || bytes.find_first_not_of('\0', end) < next) break;
            read.entries_.push_back({std::string_view(bytes).substr(from, length), at});
            at = next;
        }
        if (read.entries_.size() != count) continue;
        // Extensions: what may be ignored begins with a capital.
        bool known = true;
        while (known && at + id + 8 <= bytes.size()) {
            known = bytes[at] >= 'A' && bytes[at] <= 'Z';
            at += 8 + read_number(bytes, at + 4);
        }
        if (!known || at + id != bytes.size()) continue;
        read.id_ = id;
        const char* before = bytes.data();
        read.bytes_ = std::move(bytes);
        if (read.bytes_.data() != before)
            for (auto& one : read.entries_)
                one.path = std::string_view(read.bytes_)
                               .substr(static_cast<std::size_t>(one.path.data() - before), one.path.size());
        return read;
    }
    return std::nullopt;
}

std::uint32_t index_file::number(std::size_t at) const {
    return read_number(bytes_, at);
}

void index_file::set(std::size_t at, std::uint32_t to) {
    for (int i = 0; i < 4; ++i)
        bytes_[at + static_cast<std::size_t>(i)] = static_cast<char>(to >> (24 - 8 * i));
}

file_mark index_file::mark(const entry& of) const {
    return {number(of.at),      number(of.at + 4),  number(of.at + 8),  number(of.at + 12),
            number(of.at + 20), number(of.at + 28), number(of.at + 32), number(of.at + 36)};
}

void index_file::set_mark(const entry& of, const file_mark& to) {
    set(of.at, to.changed_s);
    set(of.at + 4, to.changed_ns);
    set(of.at + 8, to.modified_s);
    set(of.at + 12, to.modified_ns);
    set(of.at + 20, to.inode);
    set(of.at + 28, to.uid);
    set(of.at + 32, to.gid);
    set(of.at + 36, to.size);
}

std::string index_file::with(const std::vector<entry>& only) const {
    std::string made = bytes_.substr(0, 8);
    auto count = static_cast<std::uint32_t>(only.size());
    for (int shift = 24; shift >= 0; shift -= 8)
        made += static_cast<char>(count >> shift);
    for (const auto& one : only) {
        auto fixed = stat_bytes + id_ + flags_bytes;
        made += std::string_view(bytes_).substr(one.at, (fixed + one.path.size() + 8) & ~std::size_t{7});
    }
    return made + std::string(id_, '\0');
}

} // namespace persais::git
