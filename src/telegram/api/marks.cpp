#include "telegram/api/marks.hpp"

#include "telegram/api/utf16.hpp"

#include <algorithm>

namespace persais::telegram {

namespace {

struct link {
    std::size_t from = 0, to = 0; // UTF-16 units
    std::string address;
};

bool same_address(std::string_view shown, std::string_view address) {
    auto bare = [](std::string_view s) { return s.ends_with('/') ? s.substr(0, s.size() - 1) : s; };
    return bare(shown) == bare(address);
}

} // namespace

void spell_out_links(std::string& text, std::vector<mark>& marks) {
    std::vector<link> links;
    for (const auto& m : marks)
        if (!m.address.empty()) links.push_back({m.offset, m.offset + m.length, m.address});
    // From the end, so that what is written moves no link that is still to come.
    std::ranges::sort(links, std::ranges::greater(), &link::to);
    for (const auto& l : links) {
        auto from = byte_of_unit(text, l.from), to = byte_of_unit(text, l.to);
        if (!from || !to || same_address(std::string_view(text).substr(*from, *to - *from), l.address)) continue;
        auto written = " (" + l.address + ")";
        auto more = units(written);
        text.insert(*to, written);
        for (auto& m : marks) {
            if (m.offset >= l.to)
                m.offset += more;
            else if (m.offset + m.length > l.to)
                m.length += more;
        }
    }
}

} // namespace persais::telegram
