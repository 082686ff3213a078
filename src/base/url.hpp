#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace persais {

/// `[user[:password]@]host[:port]`, as curl, git and libpq cut it. Nothing is judged or decoded: each part is a piece
/// of the text that was cut, which must outlive it.
struct url_authority {
    std::optional<std::string_view> user; // nothing: there is no @
    std::optional<std::string_view> password;
    std::string_view host_and_port;
    std::string_view host;                // an IPv6 address with its brackets
    std::optional<std::string_view> port; // nothing: there is no colon; may be empty or no number
};
url_authority cut_authority(std::string_view text);

/// `scheme://authority[/path][?query][#fragment]`.
struct url_parts : url_authority {
    std::string_view scheme;
    std::string_view authority;
    std::string_view path; // with its first slash; empty: there is none
    std::optional<std::string_view> query, fragment;
    std::string_view after_authority; // path, query and fragment as they are written
};

/// What stands before and after the first `://`, whether or not it is well-formed. Nothing: the text has no `://`, so
/// it is a path, a host and path as ssh takes them, or no address at all.
std::optional<url_parts> cut_url(std::string_view text);

/// As cut_url, of well-formed text alone (RFC 3986). A decision about trust uses the host of this one.
std::optional<url_parts> parse_url(std::string_view text);

/// Whether `host` names this machine in any letter case: localhost, 127.0.0.0/8 or ::1, with or without brackets. A
/// name that only begins like one of these does not.
bool is_loopback(std::string_view host);

/// Whether what is sent to this URL crosses a network in the open: http to anything but this machine.
bool is_open_http(std::string_view url);

/// An IP address without brackets, and without the name of an interface.
bool is_ip_address(std::string_view text);

/// `127.0.0.1:9090` and `[::1]:9090`, where a server listens. Nothing: the text is no such thing.
struct ip_and_port {
    std::string ip; // without brackets
    std::uint16_t port = 0;
};
std::optional<ip_and_port> parse_ip_and_port(std::string_view text);

/// ASCII letters only, as schemes and hosts are compared.
std::string lower_case(std::string_view text);

} // namespace persais
