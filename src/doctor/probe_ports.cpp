// Probes of the addresses that `persais serve` listens on.
#include "base/text.hpp"
#include "base/told.hpp"
#include "base/url.hpp"
#include "doctor/limits.hpp"
#include "doctor/probes.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

namespace persais::doctor {

namespace json = boost::json;
using asio::ip::tcp;

namespace {

/// Why we cannot listen there; no error when we can. Listens for a moment.
boost::system::error_code cannot_listen(const asio::any_io_executor& executor, const tcp::endpoint& at) {
    boost::system::error_code ec;
    tcp::acceptor door(executor);
    door.open(at.protocol(), ec);
    if (!ec) door.set_option(tcp::acceptor::reuse_address(true), ec);
    if (!ec) door.bind(at, ec);
    if (!ec) door.listen(1, ec);
    return ec;
}

/// The URL by which this machine reaches a process that listens there.
std::string reached_at(const tcp::endpoint& at) {
    auto host = at.address();
    if (host.is_unspecified())
        host = host.is_v6() ? asio::ip::address(asio::ip::address_v6::loopback())
                            : asio::ip::address(asio::ip::address_v4::loopback());
    return fmt::format(fmt::runtime(host.is_v6() ? "http://[{}]:{}" : "http://{}:{}"), host.to_string(), at.port());
}

finding refused(std::string name, std::string where, const boost::system::error_code& ec, std::string_view setting) {
    if (ec == asio::error::address_in_use)
        return failed(
            std::move(name), told<"{} is taken by another program.", "{} занят другой программой.">(where),
            told<"Name another one in {}, or end that program.", "Укажите другой в {} или завершите ту программу.">(
                setting));
    return failed(std::move(name),
                  told<"Nobody may listen on {}: {}.", "На {} нельзя слушать: {}.">(where, ec.message()),
                  told<"Name another address in {} (ports below 1024 are for root).",
                       "Укажите другой адрес в {} (порты ниже 1024 — для root).">(setting));
}

} // namespace

awaitable<finding> probe_port(subject& of) {
    const auto& s = of.settings;
    if (s.port == 0)
        co_return ok("port",
                     told<"PORT is 0: any free port is taken.", "PORT равен 0: берётся любой свободный порт.">());
    boost::system::error_code ec;
    auto host = asio::ip::make_address(s.host, ec);
    tcp::endpoint at(host, static_cast<std::uint16_t>(s.port));
    if (!ec) ec = cannot_listen(co_await asio::this_coro::executor, at);
    json::object facts{{"host", s.host}, {"port", s.port}, {"running", false}};
    if (!ec)
        co_return ok("port",
                     told<"Port {} is free for `persais serve`.", "Порт {} свободен для `persais serve`.">(s.port),
                     std::move(facts));
    auto where = fmt::format("Port {}", s.port);
    if (ec != asio::error::address_in_use) co_return refused("port", std::move(where), ec, "PORT or HOST");
    auto answer = co_await ask(
        of, {.request = {.url = reached_at(at) + "/health"}, .whose = {}, .most = limits::doctor_answer_bytes});
    const auto* health = answer ? answer->object() : nullptr;
    if (!health || !object_in(*health, "checks")) co_return refused("port", std::move(where), ec, "PORT");
    facts["running"] = true;
    facts["health"] = *health;
    auto says = told<"`persais serve` runs on port {} and answers /health with {}.",
                     "`persais serve` работает на порту {} и отвечает на /health кодом {}.">(s.port, answer->status);
    if (answer->status == 200) co_return ok("port", std::move(says), std::move(facts));
    std::string why;
    for (const auto& [name, part] : *object_in(*health, "checks"))
        if (const auto* check = part.if_object(); check && text_in(*check, "status") != "ok")
            why += fmt::format("{}{}: {}", why.empty() ? "" : "; ", std::string_view(name),
                               text::printable(text_in(*check, "message")));
    co_return failed("port", std::move(says),
                     why.empty() ? told<"Its log says why.", "Почему — говорит его журнал.">() : why, std::move(facts));
}

awaitable<finding> probe_metrics(subject& of) {
    const auto& address = of.settings.metrics_address;
    auto read = parse_ip_and_port(address).value(); // the settings were validated
    boost::system::error_code ec;
    tcp::endpoint at(asio::ip::make_address(read.ip, ec), read.port);
    if (!ec) ec = cannot_listen(co_await asio::this_coro::executor, at);
    if (!ec) co_return ok("metrics", told<"{} is free for metrics.", "{} свободен для метрик.">(address));
    if (ec == asio::error::address_in_use) {
        auto answer = co_await of.client.fetch({.url = reached_at(at) + "/metrics"}, limits::doctor_answer_bytes);
        if (answer && answer->body.find("\npersais_") != std::string::npos)
            co_return ok("metrics", told<"The running service shows its metrics at {}/metrics.",
                                         "Работающий сервис показывает метрики по адресу {}/metrics.">(address));
    }
    co_return refused("metrics", address, ec, "METRICS_ADDRESS");
}

} // namespace persais::doctor
