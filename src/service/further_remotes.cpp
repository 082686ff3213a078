#include "service/further_remotes.hpp"

#include "base/comma_parts.hpp"
#include "base/text.hpp"
#include "base/told.hpp"
#include "base/url.hpp"
#include "forge/place.hpp"
#include "git/lfs.hpp"
#include "git/scp_form.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace persais::service {

namespace {

std::unexpected<git::failure> refused(std::string sentence) {
    return std::unexpected(git::failure{git::error_kind::refused_url, std::move(sentence)});
}

bool named_in(std::string_view hosts, std::string_view host) {
    return std::ranges::any_of(comma_parts(hosts), [&](auto part) { return lower_case(part) == host; });
}

bool is_ssh(const std::string& url) {
    auto parts = cut_url(url);
    if (!parts) return git::cut_scp_form(url).has_value();
    return lower_case(parts->scheme).contains("ssh");
}

} // namespace

git::outcome<git::remote> further_remote(const std::string& url, const std::string& of,
                                         const config::settings& settings, const remote_tokens& own) {
    auto parts = cut_url(url);
    bool local = parts ? lower_case(parts->scheme) == "file" : !git::cut_scp_form(url);
    if (local)
        return refused(
            told<"Its address {} is a path on this machine; only https and ssh addresses are "
                 "fetched.",
                 "Его адрес {} — путь на этой машине; загружается только по https и ssh.">(text::printable(url)));
    bool ours = git::same_host(url, of);
    // Another repository's token of its own was given by whoever added that one, and not to who names it here.
    auto where = ours ? remote_at(url, settings, url == of ? own : remote_tokens())
                      : git::remote{.url = url, .ca_file = settings.git_ssl_cainfo};
    if (is_ssh(url) && where.ssh_key.empty())
        if (auto page = forge::place_of(url, settings.forge)) {
            auto web = page->web + ".git";
            if (git::same_host(web, of)) return further_remote(web, of, settings, own);
            where.url = web;
        }
    if (!ours) {
        auto at = cut_url(where.url);
        auto host = lower_case(at ? at->host_and_port : cut_authority(git::cut_scp_form(where.url)->authority).host);
        if (!named_in(settings.fetch_hosts, host))
            return refused(told<"Its address is at {}, which is neither the host of the repository nor one of "
                                "FETCH_HOSTS.",
                                "Его адрес находится на {}, а это не хост репозитория и не один из FETCH_HOSTS.">(
                text::printable(host)));
        if (!at || lower_case(at->scheme) != "https")
            return refused(told<"From {}, which is one of FETCH_HOSTS, only https addresses are fetched.",
                                "С {}, одного из FETCH_HOSTS, загружается только по https.">(text::printable(host)));
    }
    if (auto ok = git::acceptable(where); !ok) return std::unexpected(ok.error());
    return where;
}

git::outcome<git::remote> lfs_remote(const std::string& repository, const config::settings& settings,
                                     const remote_tokens& own) {
    auto parts = cut_url(repository);
    auto scheme = parts ? lower_case(parts->scheme) : "";
    if (scheme != "https" && scheme != "http")
        return refused(
            told<"LFS files are fetched over https alone: give the repository's https address, or name the LFS "
                 "server's in .lfsconfig.",
                 "Файлы LFS загружаются только по https: задайте https-адрес репозитория или назовите адрес сервера "
                 "LFS в .lfsconfig.">());
    auto where = remote_at(repository, settings, own);
    where.url = git::lfs_address(repository);
    return where;
}

} // namespace persais::service
