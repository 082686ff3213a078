#include "egress/name_table.hpp"

#include "base/host_rules.hpp"
#include "egress/limits.hpp"

#include <boost/asio/ip/address.hpp>

namespace persais::egress {

using address_v4 = boost::asio::ip::address_v4;

namespace {

constexpr std::uint32_t first_address = (198U << 24) | (18U << 16) | (1U << 8); // 198.18.1.0
constexpr std::size_t header_bytes = 12;
constexpr std::uint16_t type_a = 1, class_in = 1;
constexpr unsigned name_error = 3, not_implemented = 4, refused = 5;
constexpr unsigned seconds_kept = 60; // a name keeps its address as long as the network lives

std::uint16_t number_at(std::string_view bytes, std::size_t at) {
    return static_cast<std::uint16_t>((static_cast<unsigned char>(bytes[at]) << 8) |
                                      static_cast<unsigned char>(bytes[at + 1]));
}
void add_number(std::string& to, unsigned value) {
    to += static_cast<char>(value >> 8 & 0xff);
    to += static_cast<char>(value & 0xff);
}

struct question {
    std::string name; // with dots, as it was asked
    std::uint16_t type = 0, of_class = 0;
    std::size_t end = 0; // behind it
};

/// nullopt: it is not well-formed. A question has no reason to be compressed.
std::optional<question> read_question(std::string_view query) {
    constexpr std::size_t label_most = 63, name_most = 255;
    question q;
    std::size_t at = header_bytes;
    for (;;) {
        if (at >= query.size()) return std::nullopt;
        auto length = static_cast<std::size_t>(static_cast<unsigned char>(query[at++]));
        if (length == 0) break;
        if (length > label_most || at + length > query.size() || q.name.size() + length > name_most)
            return std::nullopt;
        if (query.substr(at, length).contains('.')) return std::nullopt;
        q.name += (q.name.empty() ? "" : ".");
        q.name += query.substr(at, length);
        at += length;
    }
    if (at + 4 > query.size()) return std::nullopt;
    q.type = number_at(query, at);
    q.of_class = number_at(query, at + 2);
    q.end = at + 4;
    return q;
}

} // namespace

std::optional<address_v4> name_table::address_of(const std::string& name) {
    if (auto known = addresses_.find(name); known != addresses_.end()) return address_v4(known->second);
    if (names_.size() >= limits::egress_names) return std::nullopt;
    auto address = first_address + static_cast<std::uint32_t>(names_.size());
    addresses_.emplace(name, address);
    names_.emplace(address, name);
    return address_v4(address);
}

std::optional<std::string> name_table::name_at(const address_v4& address) const {
    auto found = names_.find(address.to_uint());
    return found == names_.end() ? std::nullopt : std::optional(found->second);
}

std::string answer_query(std::string_view query, name_table& names) {
    if (query.size() < header_bytes || (static_cast<unsigned char>(query[2]) & 0x80) != 0) return {}; // an answer
    unsigned operation = static_cast<unsigned char>(query[2]) >> 3 & 0xf;
    bool recursion = (static_cast<unsigned char>(query[2]) & 1) != 0;
    auto asked = number_at(query, 4) == 1 ? read_question(query) : std::nullopt;
    unsigned code = operation != 0 ? not_implemented : 0;
    std::optional<address_v4> address;
    if (!asked && code == 0) return {};
    if (code == 0) {
        auto host = parse_host_and_port(asked->name, 1);
        boost::system::error_code no_address;
        if (host) boost::asio::ip::make_address(host->host, no_address);
        bool plain = host && no_address && asked->of_class == class_in;
        if (!plain)
            code = name_error;
        else if (asked->type == type_a && !(address = names.address_of(host->host)))
            code = refused;
    }
    std::string answer(query.substr(0, 2));
    add_number(answer, 0x8000U | operation << 11 | 0x0400U | (recursion ? 0x0180U : 0x0080U) | code);
    add_number(answer, asked ? 1 : 0);
    add_number(answer, address ? 1 : 0);
    add_number(answer, 0);
    add_number(answer, 0);
    if (asked) answer += query.substr(header_bytes, asked->end - header_bytes);
    if (!address) return answer;
    add_number(answer, 0xc000U | header_bytes); // the name of the question
    add_number(answer, type_a);
    add_number(answer, class_in);
    add_number(answer, 0);
    add_number(answer, seconds_kept);
    add_number(answer, 4);
    for (auto byte : address->to_bytes())
        answer += static_cast<char>(byte);
    return answer;
}

} // namespace persais::egress
