#include "base/networks.hpp"

#include "base/comma_parts.hpp"
#include "base/told.hpp"

#include <fmt/format.h>

namespace persais {

namespace ip = boost::asio::ip;

namespace {

constexpr std::size_t shown_word = 60; // of a wrong one

} // namespace

ip::address plain_address(const ip::address& one) {
    if (one.is_v6() && one.to_v6().is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, one.to_v6());
    return one;
}

ip::address leads_to(const ip::address& one) {
    static const auto translated = networks::parse("64:ff9b::/96").value();
    if (!one.is_v6() || !translated.contain(one)) return plain_address(one);
    auto bytes = one.to_v6().to_bytes();
    return ip::address_v4({bytes[12], bytes[13], bytes[14], bytes[15]});
}

result<networks> networks::parse(std::string_view text) {
    networks all;
    for (auto word : comma_parts(text)) {
        boost::system::error_code ec;
        auto slash = word.find('/');
        auto alone = ip::make_address(word.substr(0, slash), ec);
        auto whole = std::string(word);
        if (!ec && slash == std::string_view::npos) whole += alone.is_v4() ? "/32" : "/128";
        if (!ec && alone.is_v4())
            all.all_.emplace_back(ip::make_network_v4(whole, ec).canonical());
        else if (!ec)
            all.all_.emplace_back(ip::make_network_v6(whole, ec).canonical());
        if (ec)
            return fail(told<"'{}' is no address and no range of addresses; write them as 10.0.0.0/8, fd00::/8",
                             "«{}» — не адрес и не диапазон адресов; их пишут как 10.0.0.0/8, fd00::/8">(
                word.substr(0, shown_word)));
    }
    return all;
}

std::string networks::words() const {
    std::string all;
    for (const auto& each : all_)
        all += (all.empty() ? "" : ", ") + std::visit([](const auto& one) { return one.to_string(); }, each);
    return all;
}

bool networks::contain(const ip::address& one) const {
    auto address = plain_address(one);
    for (const auto& each : all_) {
        const auto* v4 = std::get_if<ip::network_v4>(&each);
        if (v4 && address.is_v4() && ip::network_v4(address.to_v4(), v4->prefix_length()).canonical() == *v4)
            return true;
        const auto* v6 = std::get_if<ip::network_v6>(&each);
        if (v6 && address.is_v6() && ip::network_v6(address.to_v6(), v6->prefix_length()).canonical() == *v6)
            return true;
    }
    return false;
}

bool is_private(const ip::address& one) {
    static const auto ranges = networks::parse("127.0.0.0/8, 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10, "
                                               "169.254.0.0/16, ::1, fe80::/10, fc00::/7")
                                   .value();
    return ranges.contain(one);
}

bool is_never_reached(const ip::address& one) {
    static const auto ranges =
        networks::parse("0.0.0.0/8, 169.254.0.0/16, 224.0.0.0/4, 240.0.0.0/4, ::, fe80::/10, fec0::/10, ff00::/8, "
                        "100.100.100.200, 168.63.129.16, 192.0.0.192, fd00:ec2::/32, fd20:ce::254")
            .value();
    return ranges.contain(leads_to(one));
}

bool is_public(const ip::address& one) {
    static const auto closed_v4 =
        networks::parse("10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 172.16.0.0/12, 192.0.0.0/24, 192.88.99.0/24, "
                        "192.168.0.0/16, 198.18.0.0/15")
            .value();
    static const auto open_v6 = networks::parse("2000::/3").value();
    static const auto closed_v6 = networks::parse("2001::/23, 2002::/16").value();
    auto address = leads_to(one);
    if (is_never_reached(address)) return false;
    if (address.is_v4()) return !closed_v4.contain(address);
    return open_v6.contain(address) && !closed_v6.contain(address);
}

} // namespace persais
