#include "store/conninfo.hpp"

#include "store/store.hpp"

#include <algorithm>
#include <ranges>

#include <boost/asio/ip/tcp.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <libpq-fe.h>

namespace persais::store {

namespace {

std::vector<std::string> split(const std::string& list) {
    std::vector<std::string> parts;
    for (auto part : std::views::split(list, ','))
        parts.emplace_back(part.begin(), part.end());
    return parts;
}

bool is_path(const std::string& host) {
    return host.empty() || host.front() == '/' || host.front() == '@';
}

struct host_list {
    std::vector<std::string> hosts, addresses, ports;
    void add(const std::string& host, std::string address, const std::string& port) {
        hosts.push_back(host);
        addresses.push_back(std::move(address));
        ports.push_back(port);
    }
    void begin_with(std::size_t first) {
        for (auto* list : {&hosts, &addresses, &ports})
            std::ranges::rotate(*list, list->begin() + static_cast<std::ptrdiff_t>(first));
    }
};

} // namespace

conninfo parse_conninfo(const secret& url, std::chrono::milliseconds lost) {
    char* trouble = nullptr;
    PQconninfoOption* options = PQconninfoParse(url.reveal().c_str(), &trouble);
    PQfreemem(trouble); // may quote the password
    if (!options)
        throw db_error("08001", "the database's address cannot be read: postgresql://user:password@host/name is one");
    conninfo info;
    info.words = {{"application_name", "persais"}, {"client_encoding", "UTF8"},
                  {"keepalives_idle", "60"},       {"keepalives_interval", "10"},
                  {"keepalives_count", "3"},       {"tcp_user_timeout", std::to_string(lost.count())}};
    for (auto* o = options; o->keyword; ++o) {
        if (!o->val || !*o->val) continue;
        if (std::string_view(o->dispchar) == "*") // libpq marks a password in this way
            info.secrets[o->keyword] = secret(o->val);
        else
            info.words[o->keyword] = o->val;
    }
    PQconninfoFree(options);
    info.words["gssencmode"] = "disable";
    return info;
}

awaitable<conninfo> resolved(conninfo info, unsigned first) {
    auto& words = info.words;
    if (words.contains("hostaddr") || !words.contains("host")) co_return info;
    auto hosts = split(words["host"]);
    if (std::ranges::all_of(hosts, is_path)) co_return info;
    auto ports = split(words.contains("port") ? words["port"] : std::string());
    asio::ip::tcp::resolver resolver(co_await asio::this_coro::executor);
    host_list all;
    boost::system::error_code failed;
    for (std::size_t i = 0; i < hosts.size(); ++i) {
        const auto& port = ports.size() == 1 ? ports[0] : ports.at(i);
        if (is_path(hosts[i])) {
            all.add(hosts[i], "", port);
            continue;
        }
        boost::system::error_code ec;
        auto found = co_await resolver.async_resolve(hosts[i], "", asio::redirect_error(asio::use_awaitable, ec));
        if (ec)
            failed = ec;
        else
            for (const auto& entry : found)
                all.add(hosts[i], entry.endpoint().address().to_string(), port);
    }
    if (all.hosts.empty()) throw boost::system::system_error(failed, "resolving the database's host");
    all.begin_with(first % all.hosts.size());
    words["host"] = fmt::format("{}", fmt::join(all.hosts, ","));
    words["hostaddr"] = fmt::format("{}", fmt::join(all.addresses, ","));
    words["port"] = fmt::format("{}", fmt::join(all.ports, ","));
    co_return info;
}

} // namespace persais::store
