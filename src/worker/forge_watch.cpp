#include "worker/forge_watch.hpp"

#include "base/async.hpp"
#include "base/told.hpp"

#include <fmt/format.h>

namespace persais::worker {

namespace {

using state = forge::deployment_seen::state;

std::string with_page(std::string sentence, const std::string& page) {
    return page.empty() ? sentence + "." : fmt::format("{}: {}", sentence, page);
}

/// Nothing was found for the commit.
std::string nothing_yet(const forge::deployment_question& about) {
    if (about.environment.empty())
        return told<"It waits for the forge to run something for {} on {}.",
                    "Ждёт, пока хостинг запустит что-нибудь для {} в {}.">(about.commit.substr(0, 10), about.branch);
    return told<"It waits for the forge to deploy {} to {}.", "Ждёт, пока хостинг развернёт {} в {}.">(
        about.commit.substr(0, 10), about.environment);
}

std::string sentence_of(const forge::deployment_seen& seen, const forge::deployment_question& about) {
    const bool runs = about.environment.empty();
    switch (seen.how) {
    case state::well:
        return runs ? told<"The forge says that what runs for it succeeded ({}).",
                           "Хостинг говорит, что запущенное для неё прошло успешно ({}).">(seen.subject)
                    : told<"The forge says that it is deployed to {}.", "Хостинг говорит, что она развёрнута в {}.">(
                          seen.subject);
    case state::unwell:
        return with_page(runs ? told<"The forge says that {} failed", "Хостинг говорит: не прошло {}">(seen.subject)
                              : told<"The forge says that its deployment to {} failed",
                                     "Хостинг говорит, что развернуть её в {} не удалось">(seen.subject),
                         seen.page);
    case state::under_way:
        return with_page(runs ? told<"It waits for {} at the forge", "Ждёт на хостинге: {}">(seen.subject)
                              : told<"It waits for its deployment to {}", "Ждёт развёртывания в {}">(seen.subject),
                         seen.page);
    case state::cancelled:
        return with_page(
            told<"At the forge, what runs for it was cancelled: {}", "На хостинге отменили запущенное для неё: {}">(
                seen.subject),
            seen.page);
    case state::nothing:
        break;
    }
    return nothing_yet(about);
}

health_sign not_told(const forge::trouble& why) {
    return {.well = false,
            .version = {},
            .said = why.sentence,
            .over = why.what != forge::trouble::kind::away,
            .known = false,
            .pause = why.retry_after};
}

} // namespace

bool asks_forge(const forge::requests& at, bool has_address) {
    return at.tells_deployments() || !has_address;
}

awaitable<health_sign> look_at_forge(forge::requests& at, forge::deployment_question about,
                                     std::function<awaitable<std::optional<bool>>(std::string)> has) {
    try {
        auto seen = co_await with_deadline(limits::health_look, at.deployment_of(about));
        if (!seen) co_return not_told(seen.error());
        bool other = !seen->commit.empty() && seen->commit != about.commit;
        if (!other)
            co_return health_sign{.well = seen->how == state::well,
                                  .version = {},
                                  .said = sentence_of(*seen, about),
                                  .over = seen->how == state::unwell,
                                  .known = seen->how != state::nothing && seen->how != state::cancelled};
        // A later commit that has ours in it is deployed with it; an earlier one is what was there before.
        auto with_ours = co_await has(seen->commit);
        if (!with_ours || !*with_ours)
            co_return health_sign{.well = false, .version = {}, .said = nothing_yet(about), .known = false};
        co_return health_sign{true, seen->commit,
                              told<"The forge says that {}, which has it, is deployed to {}.",
                                   "Хостинг говорит, что в {} развёрнута {}, и в ней это есть.">(
                                  seen->commit.substr(0, 10), seen->subject)};
    } catch (const deadline_passed&) {
        co_return not_told({forge::trouble::kind::away,
                            told<"The forge takes too long to answer.", "Хостинг отвечает слишком долго.">()});
    }
}

} // namespace persais::worker
