#pragma once
#include <string>
#include <string_view>

namespace persais::config {

// Each function returns what is wrong with a value, to be written after "NAME: "; empty: nothing. Those marked secret
// never show the value.

std::string http_url(std::string_view value);
/// A public https address that ends in /telegram/webhook.
std::string webhook_url(std::string_view value);
/// secret. postgres:// or postgresql:// with a host, or key=value words as libpq reads them.
std::string postgres_url(std::string_view value);
/// https, http, ssh (or user@host:path), file or a path; no password in it.
std::string git_url(std::string_view value);
/// secret. s3://bucket… or an absolute path.
std::string backup_url(std::string_view value);
std::string backup_key(std::string_view value);
/// secret. One word, and not the placeholder xxx.
std::string token(std::string_view value);
/// secret. Anything but the placeholder xxx.
std::string key_text(std::string_view value);
/// secret. A private key without a passphrase that ssh-keygen signs with.
std::string signing_key(std::string_view value);
/// secret. 1 to 256 of A-Z a-z 0-9 _ -, as the Bot API wants it.
std::string webhook_secret(std::string_view value);
std::string ip_address(std::string_view value);
/// 127.0.0.1:9090, [::1]:9090
std::string ip_and_port(std::string_view value);
/// 10.0.0.0/8, fd00::/8, 192.0.2.7
std::string ip_ranges(std::string_view value);
std::string json_object(std::string_view value);
std::string branch(std::string_view value);
std::string person_name(std::string_view value);
std::string email(std::string_view value);
/// `terminal=Ann <ann@example.org>; 123456=Bob <bob@example.org>`
std::string co_authors(std::string_view value);
/// Names or addresses of hosts, each with a port or not, separated by commas.
std::string hosts(std::string_view value);
/// `npm.example.org, *.example.org:8443, npm.corp@10.1.0.0/16`, as host_rules::parse reads it.
std::string reachable_hosts(std::string_view value);
/// `team/app by=11,22 own=off approvals=2; * approvals=2`, as read_deploy_rules() reads it.
std::string deploy_rules(std::string_view value);
/// `@name`, as people write it at a forge.
std::string mention(std::string_view value);
std::string header_name(std::string_view value);
std::string json_pointer(std::string_view value);
/// Names of models, separated by commas.
std::string model_names(std::string_view value);
/// One word without control characters.
std::string word(std::string_view value);
/// Any text of one or more lines.
std::string any_text(std::string_view value);

} // namespace persais::config
