#include "service/named_repositories.hpp"

#include "base/told.hpp"
#include "base/url.hpp"
#include "git/scp_form.hpp"
#include "queue/repositories.hpp"
#include "service/access.hpp"
#include "service/money.hpp"
#include "service/repositories.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace persais::service {

awaitable<answer<std::string>> key_of_repository(store::pool& db, const config::settings& settings, std::string named,
                                                 bool forgotten) {
    if (named.empty()) co_return std::string();
    if (auto added = co_await queue::repository_named(db, named)) co_return repository_key(added->remote);
    auto literal = repository_budget(named);
    if (!literal) co_return std::unexpected(literal.error());
    const auto& key = literal->name;
    auto known = co_await queue::remotes_of_tasks(db);
    known.push_back(settings.git_remote_url);
    for (auto& each : co_await queue::repositories_of(db))
        known.push_back(std::move(each.remote));
    bool there = std::ranges::any_of(known, [&](const auto& r) { return !r.empty() && repository_key(r) == key; });
    bool address = key != lower_case(named); // the settings of another process may know it
    if (there || address || forgotten) co_return key;
    auto none = co_await find_repository(db, std::move(named)); // the sentence names the one that was probably meant
    if (none) co_return repository_key(none->remote);           // somebody added it just now
    co_return std::unexpected(none.error());
}

std::string plain_address(std::string_view address) {
    std::string plain(address);
    auto url = cut_url(address);
    if (auto scheme = url ? lower_case(url->scheme) : ""; scheme == "file")
        plain = url->path;
    else if (url) // the port of ssh says nothing of where the pages are
        plain = fmt::format("{}/{}", lower_case(scheme.contains("ssh") ? url->host : url->host_and_port), url->path);
    else if (auto scp = git::cut_scp_form(address))
        plain = fmt::format("{}/{}", lower_case(cut_authority(scp->authority).host), scp->path);
    while (plain.ends_with('/'))
        plain.pop_back();
    if (plain.ends_with(".git")) plain.resize(plain.size() - 4);
    std::string once; // host//path is host/path
    for (char c : plain)
        if (c != '/' || !once.ends_with('/')) once += c;
    return once;
}

awaitable<std::optional<twin>> twin_of(store::pool& db, const config::settings& settings, std::string address) {
    std::vector<twin> all;
    for (auto& each : co_await queue::repositories_of(db))
        all.push_back({std::move(each.name), std::move(each.remote)});
    if (!settings.git_remote_url.empty()) all.push_back({"GIT_REMOTE_URL", settings.git_remote_url});
    std::optional<twin> found;
    for (auto& each : all) {
        if (each.remote == address) continue;
        each.same = plain_address(each.remote) == plain_address(address);
        if (each.same) co_return each;
        if (!found && repository_key(each.remote) == repository_key(address)) found = each;
    }
    co_return found;
}

std::string twin_words(const twin& other) {
    if (other.same)
        return told<"That is {} by another address: give exactly {}, because settings hold for the address that tasks "
                    "have.",
                    "Это {} под другим адресом: укажите в точности {}, потому что настройки действуют для адреса, "
                    "который стоит в задачах.">(other.name, other.remote);
    return told<"{} ({}) has the same short name: roles, budgets and DEPLOY_RULES of the one hold for the other too.",
                "У {} ({}) то же короткое имя: роли, бюджеты и DEPLOY_RULES одного действуют и для другого.">(
        other.name, other.remote);
}

} // namespace persais::service
