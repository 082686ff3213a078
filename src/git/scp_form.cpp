#include "git/scp_form.hpp"

#include <algorithm>
#include <cctype>

#include <boost/asio/ip/address_v6.hpp>

namespace persais::git {

std::optional<scp_form> cut_scp_form(std::string_view text) {
    if (cut_url(text) || names_a_helper(text)) return std::nullopt;
    // git also accepts [user@host:port]:path, the only way to give a port here; [::1]:path is just an address.
    bool whole = text.starts_with('[');
    auto end = text.find(whole ? "]:" : ":");
    if (auto v6 = text.find("@["); !whole && v6 != text.npos && v6 < end) end = text.find("]:", v6);
    if (end == text.npos || end == 0 || text.find('/') < end) return std::nullopt;
    auto colon = text.find(':', text[end] == ']' ? end : 0);
    scp_form cut{text.substr(0, colon), text.substr(colon + 1)};
    if (!whole) return cut;
    auto inside = text.substr(1, end - 1);
    boost::system::error_code no_address;
    boost::asio::ip::make_address_v6(inside, no_address);
    if (no_address) cut.authority = inside;
    return cut;
}

bool names_a_helper(std::string_view text) {
    auto end = text.find("::");
    auto letter = [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; };
    return end != text.npos && std::ranges::all_of(text.substr(0, end), letter);
}

} // namespace persais::git
