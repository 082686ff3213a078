#include "base/temp_dir.hpp"
#include "config/reading.hpp"
#include "doctor/agent.hpp"
#include "doctor/limits.hpp"
#include "egress/way_out.hpp"
#include "sandbox/child.hpp"

#include <filesystem>

#include <fmt/format.h>

namespace persais::doctor {

namespace {

constexpr auto name = "network";

/// Looks a name up inside, which takes the namespace, its sockets and the resolver. Empty: it works; else why not.
awaitable<std::string> try_one(const sandbox::backend& confine) {
    temp_dir folder;
    sandbox::view seen{.tree = folder.path() / "tree", .home = folder.path() / "home"};
    for (const auto& part : {seen.tree, seen.home}) {
        std::filesystem::create_directory(part);
        confine.hand_over(part, seen.slot);
    }
    egress::way_out out(co_await asio::this_coro::executor, {}, {}, egress::system_lookup(), {});
    auto result =
        co_await sandbox::run_child(confine.confine({.argv = {"/usr/bin/getent", "ahostsv4", "registry.example"},
                                                     .total = limits::doctor_probe / 2,
                                                     .network = out.network()},
                                                    seen));
    if (result.ok()) co_return "";
    if (result.how == sandbox::ended::could_not_start)
        co_return fmt::format("the namespace could not be made ({})", std::generic_category().message(result.code));
    co_return "a name could not be looked up in it";
}

std::string sentence(const host_rules& more, const egress::upstream& by) {
    auto said = std::string("Setup has a network of its own: package registries");
    if (!more.all().empty()) said += fmt::format(" and {} more of SETUP_HOSTS", more.all().size());
    if (by.https) said += fmt::format(", by the proxy {}", to_string(by.https->at));
    return said + ".";
}

} // namespace

awaitable<finding> probe_setup_network(subject& of, const sandbox::choice& chosen) {
    if (chosen.use->level() == sandbox::isolation_level::refused)
        co_return skipped(name, "No network for setup was tried: see sandbox.");
    if (!chosen.use->confines())
        co_return warn(name, "Without a sandbox, setup has this machine's whole network.",
                       "Only for trying out: see sandbox.");
    auto by = egress::find_upstream(config::process_environment());
    if (!by)
        co_return failed(name, fmt::format("Setup has no network: {}.", by.error()),
                         "Give the service https_proxy and http_proxy as http://host:port, or none.");
    if (auto why = co_await try_one(*chosen.use); !why.empty())
        co_return failed(
            name, fmt::format("Setup has no network: {}.", why),
            "The service has to be allowed to make network namespaces (as root, or in user namespaces): see "
            "docs/docker.md for containers; elsewhere look at AppArmor, SELinux, seccomp.");
    auto more = host_rules::parse(of.settings.setup_hosts, host_rules::author::owner).value(); // validated
    co_return ok(name, sentence(more, *by), {{"hosts", more.all().size()}, {"proxy", by->https.has_value()}});
}

} // namespace persais::doctor
