#include "base/temp_dir.hpp"
#include "base/told.hpp"
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
        co_return told<"the namespace could not be made ({})", "не удалось создать пространство имён ({})">(
            std::generic_category().message(result.code));
    co_return told<"a name could not be looked up in it", "в ней не удалось найти адрес по имени">();
}

std::string sentence(const host_rules& more, const egress::upstream& by) {
    auto said = told<"Setup has a network of its own, to package registries.",
                     "У подготовки своя сеть: из неё видны хранилища пакетов.">();
    if (!more.all().empty())
        said += " " + told<"SETUP_HOSTS adds {}.", "SETUP_HOSTS добавляет хостов: {}.">(more.all().size());
    if (by.https) said += " " + told<"It goes by the proxy {}.", "Она идёт через прокси {}.">(to_string(by.https->at));
    return said;
}

} // namespace

awaitable<finding> probe_setup_network(subject& of, const sandbox::choice& chosen) {
    if (chosen.use->level() == sandbox::isolation_level::refused)
        co_return skipped(name, told<"No network for setup was tried: see sandbox.",
                                     "Сеть подготовки не проверялась: смотрите sandbox.">());
    if (!chosen.use->confines())
        co_return warn(name,
                       told<"Without a sandbox, setup has this machine's whole network.",
                            "Без песочницы подготовке доступна вся сеть этой машины.">(),
                       told<"Only for trying out: see sandbox.", "Только для пробы: смотрите sandbox.">());
    auto by = egress::find_upstream(config::process_environment());
    if (!by)
        co_return failed(name, told<"Setup has no network: {}.", "У подготовки нет сети: {}.">(by.error()),
                         told<"Give the service https_proxy and http_proxy as http://host:port, or none.",
                              "Задайте сервису https_proxy и http_proxy в виде http://host:port или уберите их.">());
    if (auto why = co_await try_one(*chosen.use); !why.empty())
        co_return failed(
            name, told<"Setup has no network: {}.", "У подготовки нет сети: {}.">(why),
            told<
                "The service has to be allowed to make network namespaces (as root, or in user namespaces): see "
                "docs/docker.md for containers; elsewhere look at AppArmor, SELinux, seccomp.",
                "Сервису должно быть разрешено создавать сетевые пространства имён (от root или в пользовательских "
                "пространствах имён): о контейнерах см. docs/docker.md, иначе смотрите AppArmor, SELinux, seccomp.">());
    auto more = host_rules::parse(of.settings.setup_hosts, host_rules::author::owner).value(); // validated
    co_return ok(name, sentence(more, *by), {{"hosts", more.all().size()}, {"proxy", by->https.has_value()}});
}

} // namespace persais::doctor
