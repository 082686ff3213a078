#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace persais {

/// `[user[:password]@]host[:port]`, split as curl, git and libpq do it. Nothing is validated or decoded: each part is a
/// view into the text, which must outlive it.
struct url_authority {
    std::optional<std::string_view> user; // nothing: there is no @
    std::optional<std::string_view> password;
    std::string_view host_and_port;
    std::string_view host;                // an IPv6 address has its brackets
    std::optional<std::string_view> port; // nothing: there is no colon; may be empty or not a number
};
url_authority cut_authority(std::string_view text);

/// `scheme://authority[/path][?query][#fragment]`.
struct url_parts : url_authority {
    std::string_view scheme;
    std::string_view authority;
    std::string_view path; // with its first slash; empty: there is none
    std::optional<std::string_view> query, fragment;
    std::string_view after_authority; // path, query and fragment as written
};

/// Splits at the first `://`, whether or not the text is well-formed. Nothing: the text has no `://`, so it is a path,
/// a host and path as ssh accepts them, or not an address at all.
std::optional<url_parts> cut_url(std::string_view text);

/// As cut_url, but only for well-formed text (RFC 3986). A decision about trust must use the host of this one.
std::optional<url_parts> parse_url(std::string_view text);

/// Whether `host` names this machine, in any letter case: localhost, 127.0.0.0/8 or ::1, with or without brackets. A
/// name that only begins like one of these does not.
bool is_loopback(std::string_view host);

/// Whether a request to this URL crosses a network unencrypted: http to anything but this machine.
bool is_open_http(std::string_view url);

/// Whether it is an IP address without brackets, and without the name of an interface.
bool is_ip_address(std::string_view text);

/// An address to listen on, such as `127.0.0.1:9090` or `[::1]:9090`. Nothing: the text is not one.
struct ip_and_port {
    std::string ip; // without brackets
    std::uint16_t port = 0;
};
std::optional<ip_and_port> parse_ip_and_port(std::string_view text);

/// Converts ASCII letters only, which is how schemes and hosts are compared.
std::string lower_case(std::string_view text);

} // namespace persais
