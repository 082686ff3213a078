#include "config/co_authors.hpp"

#include "config/text.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace persais::config {

namespace {

co_author read(std::string_view written) {
    co_author one{.written = written, .who = {}, .name = {}, .address = {}};
    auto equals = written.find('='), open = written.find('<', std::min(equals, written.size()));
    if (equals == written.npos || open == written.npos || !written.ends_with('>')) return one;
    one.who = trim(written.substr(0, equals));
    one.name = trim(written.substr(equals + 1, open - equals - 1));
    one.address = written.substr(open + 1, written.size() - open - 2);
    return one;
}

} // namespace

std::vector<co_author> co_author_lines(std::string_view setting) {
    std::vector<co_author> all;
    while (!setting.empty()) {
        auto end = std::min(setting.find(';'), setting.size());
        auto one = trim(setting.substr(0, end));
        if (!one.empty()) all.push_back(read(one));
        setting.remove_prefix(std::min(end + 1, setting.size()));
    }
    return all;
}

std::string co_author_of(std::string_view setting, std::string_view who) {
    auto all = co_author_lines(setting);
    auto found = std::ranges::find(all, who, &co_author::who);
    return who.empty() || found == all.end() ? "" : fmt::format("{} <{}>", found->name, found->address);
}

} // namespace persais::config
