#include "service/known_repositories.hpp"

#include "base/seal.hpp"
#include "base/told.hpp"
#include "base/url.hpp"
#include "service/master_seal.hpp"
#include "service/repositories.hpp"

#include <algorithm>

namespace persais::service {

namespace {

/// A value of several lines is also masked line by line, as programs print it.
void mask_value(config::redactor& mask, const secret& value) {
    mask.add(value);
    std::string_view rest = value.reveal();
    while (rest.contains('\n')) {
        auto end = rest.find('\n');
        mask.add(secret(std::string(rest.substr(0, end))));
        rest.remove_prefix(end + 1);
        if (!rest.contains('\n')) mask.add(secret(std::string(rest)));
    }
}

known_repository opened(queue::repository row, const seal* sealing, secret& token) {
    known_repository one{std::move(row)};
    if (one.sealed_token) {
        auto plain = sealing ? sealing->open(*one.sealed_token, token_context) : std::nullopt;
        one.token_closed = !plain;
        if (plain) token = std::move(*plain);
    }
    for (const auto& each : one.environment) {
        auto plain = sealing ? sealing->open(each.sealed, variable_context(one.remote, each.name)) : std::nullopt;
        if (!plain) {
            one.closed.push_back(each.name);
            continue;
        }
        mask_value(one.mask, *plain);
        one.variables.emplace_back(each.name, std::move(*plain));
    }
    return one;
}

} // namespace

awaitable<bool> known_repositories::refresh() {
    auto mine = ++asked_;
    auto rows = co_await queue::repositories_of(db_);
    if (mine < answered_) co_return false;
    answered_ = mine;
    bool sealed = std::ranges::any_of(rows, [](const auto& r) { return r.sealed_token || !r.environment.empty(); });
    std::optional<seal> sealing;
    if (sealed)
        if (auto both = co_await master_seal(db_, settings_)) sealing = std::move(*both);
    if (mine < answered_) co_return false;
    table all;
    std::map<std::string, remote_tokens::own> tokens;
    for (auto& row : rows) {
        secret token;
        auto one = std::make_shared<known_repository>(opened(std::move(row), sealing ? &*sealing : nullptr, token));
        if (hide_) {
            if (!token.empty()) hide_(token);
            for (const auto& [name, value] : one->variables)
                hide_(value);
        }
        tokens[one->remote] = {std::move(token), one->forge};
        all.push_back(std::move(one));
    }
    all_ = std::move(all);
    co_return tokens_.replace(std::move(tokens));
}

awaitable<void> known_repositories::look() {
    if (!hears_) co_await refresh();
}

std::vector<std::string> known_repositories::trouble() const {
    std::vector<std::string> all;
    for (const auto& r : all_) {
        if (r->token_closed)
            all.push_back(told<"The token of {} cannot be opened, because PERSAIS_MASTER_KEY is another one: give it "
                               "again with `persais repo token`.",
                               "Токен {} не открыть: PERSAIS_MASTER_KEY теперь другой. Задайте его заново: `persais "
                               "repo token`.">(r->name));
        for (const auto& name : r->closed)
            all.push_back(closed_variable(r->name, name));
    }
    return all;
}

} // namespace persais::service
