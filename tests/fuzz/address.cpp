// Addresses, as people, repositories and headers write them.
#include "base/networks.hpp"
#include "base/url.hpp"
#include "fuzz.hpp"
#include "git/scp_form.hpp"

static bool within(std::string_view part, std::string_view whole) {
    return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

static std::string hold_address(std::string_view bytes) {
    using namespace persais;
    if (auto url = parse_url(bytes)) {
        auto cut = cut_url(bytes);
        if (!cut || cut->host != url->host) return "two readings of one host";
        for (auto part : {url->scheme, url->authority, url->host, url->path, url->after_authority})
            if (!within(part, bytes)) return "a part of something else";
        if (url->host.contains('@') || url->host.contains('/')) return "a host with more in it";
    }
    if (auto scp = git::cut_scp_form(bytes)) {
        if (!within(scp->authority, bytes) || !within(scp->path, bytes)) return "a part of something else";
        if (git::names_a_helper(bytes)) return "an address that is a program";
    }
    if (auto at = parse_ip_and_port(bytes))
        if (!is_ip_address(at->ip)) return "an address that is none";
    if (auto ranges = networks::parse(bytes)) ranges->contain(boost::asio::ip::make_address("::ffff:10.0.0.1"));
    is_loopback(bytes);
    is_open_http(bytes);
    return {};
}

PERSAIS_FUZZ(hold_address)
