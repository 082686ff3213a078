#include "base/paths.hpp"

#include "base/unicode.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <utf8proc.h>

#include <fmt/format.h>

namespace persais::paths {

namespace {

bool ascii(std::string_view s) {
    return std::ranges::all_of(s, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Decomposed, without case and without characters that are ignored. `valid` is UTF-8 without NUL.
std::string folded_once(std::string_view valid) {
    constexpr auto how =
        static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_STABLE | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
    utf8proc_uint8_t* made = nullptr;
    auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(valid.data()),
                             static_cast<utf8proc_ssize_t>(valid.size()), &made, how);
    std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owned(made, &std::free);
    if (size < 0) return std::string(valid);
    return {reinterpret_cast<const char*>(made), static_cast<std::size_t>(size)};
}

std::string folded(std::string_view s) {
    std::string all;
    if (ascii(s)) {
        std::ranges::transform(s, std::back_inserter(all), lower);
        return all;
    }
    while (!s.empty()) {
        std::size_t valid = 0;
        while (valid < s.size()) {
            auto c = unicode::first_character(s.substr(valid));
            if (c.bytes == 0) break;
            valid += c.bytes;
        }
        // Folding may make what decomposes further (U+0390), so it is done twice.
        all += folded_once(folded_once(s.substr(0, valid)));
        s.remove_prefix(valid);
        if (!s.empty()) {
            all += s.front();
            s.remove_prefix(1);
        }
    }
    return all;
}

std::string_view without_ending(std::string_view part) {
    auto last = part.find_last_not_of(". ");
    return last == part.npos ? part : part.substr(0, last + 1);
}

constexpr std::size_t longest_stem = 6; // of a short name, before the ~

/// "infras" and "tom" of INFRAS~1.TOM; an empty stem: it has another form.
struct short_name {
    std::string_view stem, ending;
    bool cut = false; // the stem is only the beginning of the long name
};
short_name short_form(std::string_view key) {
    auto wave = key.find('~');
    if (wave == key.npos || wave == 0 || wave > longest_stem) return {};
    auto rest = key.substr(wave + 1);
    auto digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
    if (digits == 0) return {};
    rest.remove_prefix(digits);
    bool cut = wave + 1 + digits == 8; // as long as it may be
    if (rest.empty()) return {key.substr(0, wave), {}, cut};
    if (rest.front() != '.' || rest.size() > 4 || rest.size() == 1) return {};
    return {key.substr(0, wave), rest.substr(1), cut};
}

} // namespace

std::string key(std::string_view path) {
    auto all = folded(path);
    if (all.find_first_of(". ") == all.npos) return all;
    std::string made;
    made.reserve(all.size());
    std::string_view rest = all;
    for (;;) {
        auto part = rest.substr(0, rest.find('/'));
        made += without_ending(part);
        if (part.size() == rest.size()) return made;
        made += '/';
        rest.remove_prefix(part.size() + 1);
    }
}

std::string key_on_ntfs(std::string_view path) {
    std::string made;
    for (auto part : parts(path, "/\\")) {
        if (!made.empty()) made += '/';
        auto stream = part.find(':');
        made += stream == 0 ? part : part.substr(0, stream);
    }
    return key(made);
}

bool is_git_folder(std::string_view part) {
    auto k = key_on_ntfs(part);
    return k == ".git" || (short_form(k).stem == "git" && short_form(k).ending.empty());
}

std::string short_stub(std::string_view part) {
    if (!part.contains('~')) return {};
    auto short_key = key_on_ntfs(part);
    auto form = short_form(short_key);
    if (form.stem.empty()) return {};
    return fmt::format("{}{}.{}", form.stem, form.cut ? "/" : "", form.ending); // no part has a slash
}

std::vector<std::string> stubs_of(std::string_view name) {
    auto full = key(name);
    std::string ending;
    auto dot = full.rfind('.');
    if (dot != full.npos && dot > 0) {
        ending = full.substr(dot + 1);
        full.resize(dot);
    }
    bool needs_one =
        std::erase_if(full, [](char c) { return c == '.' || c == ' '; }) > 0 || ending.size() > 3 || full.size() > 8;
    if (!needs_one) return {};
    ending.resize(std::min<std::size_t>(ending.size(), 3));
    std::vector<std::string> all{fmt::format("{}.{}", full, ending)};
    for (std::size_t n = 1; n <= std::min(longest_stem, full.size()); ++n)
        all.push_back(fmt::format("{}/.{}", std::string_view(full).substr(0, n), ending));
    return all;
}

bool may_be_short_for(std::string_view part, std::string_view name) {
    auto stub = short_stub(part);
    if (stub.empty() || key(name) == key_on_ntfs(part)) return false;
    auto all = stubs_of(name);
    return std::ranges::find(all, stub) != all.end();
}

std::vector<std::string_view> parts(std::string_view path, std::string_view separators) {
    std::vector<std::string_view> all;
    while (!path.empty()) {
        auto part = path.substr(0, path.find_first_of(separators));
        if (!part.empty()) all.push_back(part);
        path.remove_prefix(std::min(part.size() + 1, path.size()));
    }
    return all;
}

} // namespace persais::paths
