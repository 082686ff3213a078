#include "backup/tar.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace persais::backup {

namespace {

constexpr std::size_t block_bytes = 512, name_bytes = 100, sum_at = 148, sum_bytes = 8, size_at = 124, size_bytes = 12;
constexpr std::uint64_t octal_most = (1ULL << 33) - 1; // eleven digits

void put(std::string& header, std::size_t at, std::string_view text) {
    header.replace(at, text.size(), text);
}

unsigned sum_of(std::string header) {
    std::fill_n(header.begin() + sum_at, sum_bytes, ' ');
    unsigned sum = 0;
    for (char c : header)
        sum += static_cast<unsigned char>(c);
    return sum;
}

std::optional<std::uint64_t> octal(std::string_view field) {
    std::uint64_t n = 0;
    bool any = false;
    for (char c : field) {
        if (c == '\0' || c == ' ') break;
        if (c < '0' || c > '7') return std::nullopt;
        n = n * 8 + static_cast<std::uint64_t>(c - '0');
        any = true;
    }
    return any ? std::optional(n) : std::nullopt;
}

std::optional<std::uint64_t> size_in(std::string_view field) {
    if (static_cast<unsigned char>(field[0]) != 0x80) return octal(field);
    std::uint64_t n = 0;
    for (char c : field.substr(4)) // of eleven bytes, more than eight are never used
        n = (n << 8) | static_cast<unsigned char>(c);
    return n;
}

} // namespace

std::string tar_header(const tar_entry& of) {
    std::string header(block_bytes, '\0');
    put(header, 0, of.name.substr(0, name_bytes - 1));
    put(header, 100, "0000600");
    put(header, 108, "0000000");
    put(header, 116, "0000000");
    if (of.bytes <= octal_most) {
        put(header, size_at, fmt::format("{:011o}", of.bytes));
    } else {
        header[size_at] = '\x80';
        for (std::size_t i = 0; i < 8; ++i)
            header[size_at + size_bytes - 1 - i] = static_cast<char>((of.bytes >> (8 * i)) & 255);
    }
    put(header, 136, "00000000000");
    header[156] = '0';
    put(header, 257, std::string_view("ustar\00000", 8));
    put(header, sum_at, fmt::format("{:06o}", sum_of(header)));
    header[sum_at + 7] = ' ';
    return header;
}

std::string tar_padding(std::uint64_t bytes) {
    return std::string((block_bytes - bytes % block_bytes) % block_bytes, '\0');
}

std::string tar_end() {
    return std::string(2 * block_bytes, '\0');
}

std::optional<tar_entry> read_tar_header(std::string_view block, bool& wrong) {
    wrong = block.size() != block_bytes;
    if (wrong) return std::nullopt;
    if (std::ranges::all_of(block, [](char c) { return c == '\0'; })) return std::nullopt;
    auto sum = octal(block.substr(sum_at, sum_bytes));
    auto bytes = size_in(block.substr(size_at, size_bytes));
    auto name = block.substr(0, block.substr(0, name_bytes).find('\0'));
    wrong = !sum || *sum != sum_of(std::string(block)) || !bytes || block[156] != '0' || name.empty() ||
            name.size() >= name_bytes;
    if (wrong) return std::nullopt;
    return tar_entry{std::string(name), *bytes};
}

} // namespace persais::backup
