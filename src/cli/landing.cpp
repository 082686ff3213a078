#include "cli/landing.hpp"

#include "base/json.hpp"
#include "base/text.hpp"
#include "cli/report.hpp"
#include "cli/task_lines.hpp"
#include "cli/tongue.hpp"
#include "mechanic/state_words.hpp"
#include "mechanic/step.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace persais::cli {

using namespace mechanic;

std::string offer_words(task_id id, const service::tasks::landing_offer& offer, bool back, bool anyway) {
    auto subject = offer.instruction.substr(0, offer.instruction.find('\n'));
    auto commit = offer.commit.substr(0, 10);
    auto size = change_words(offer.size);
    if (!back && offer.needed > 1) {
        auto alone = offer;
        alone.needed = 1;
        return offer_words(id, alone, back, anyway) + " " +
               said<"It has {} of {} approvals.", "Одобрений: {} из {}.">(offer.approvals, offer.needed);
    }
    if (back && anyway)
        return said<"Task {} (\"{}\", {}): what it brought to {} with commit {} is taken back, without any checks.",
                    "Задача {} («{}», {}): то, что она внесла в {} коммитом {}, будет откачено без проверок.">(
            id.value, subject, size, offer.branch, commit);
    if (back)
        return said<"Task {} (\"{}\", {}): what it brought to {} with commit {} is taken back.",
                    "Задача {} («{}», {}): то, что она внесла в {} коммитом {}, будет откачено.">(
            id.value, subject, size, offer.branch, commit);
    if (offer.again)
        return said<"Task {} (\"{}\", {}): what commit {} took back is brought onto {} again.",
                    "Задача {} («{}», {}): то, что откатил коммит {}, будет снова внесено в {}.">(
            id.value, subject, size, commit, offer.branch);
    return said<"Task {} (\"{}\", {}): commit {} is brought onto {}.",
                "Задача {} («{}», {}): коммит {} будет внесён в {}.">(id.value, subject, size, commit, offer.branch);
}

std::string waits_words(task_id id, const service::tasks::landing_begun& begun) {
    return said<"Task {}: {} of {} approvals; it waits for another person who may deploy.",
                "Задача {}: {} из {} одобрений; ждёт другого человека, который может выкладывать.">(
        id.value, begun.approvals, begun.needed);
}

std::string waits_json(task_id id, const service::tasks::landing_begun& begun) {
    return to_text(boost::json::object{
        {"event", "approved"}, {"task", id.str()}, {"approvals", begun.approvals}, {"needed", begun.needed}});
}

std::optional<std::string> whole_commit(const std::string& named, const std::string& now) {
    constexpr std::size_t least = 7; // as git shortens an id
    if (named.empty() || (named.size() >= least && now.starts_with(named))) return now;
    return std::nullopt;
}

bool came_through(const task& t, bool back) {
    bool there = back ? std::holds_alternative<rolled_back>(t.now) : std::holds_alternative<deployed>(t.now);
    return there && (!t.known.seen || t.known.seen->well);
}

std::string landing_words(const task& t) {
    return fmt::format("{}\n{}",
                       said<"Task {}: {}. {}", "Задача {}: {}. {}">(t.id.value, in_tongue(word_of(t.now)),
                                                                    text::printable(in_tongue(sentence_of(t)))),
                       next_line(t));
}

std::string landing_json(const task& t) {
    const auto& k = t.known;
    const auto base = k.on_base.value_or(landed{});
    auto* back = std::get_if<rolled_back>(&t.now);
    return to_text(boost::json::object{{"event", "landing"},
                                       {"task", t.id.str()},
                                       {"state", name_of(t.now)},
                                       {"branch", k.base_branch},
                                       {"commit", back ? back->commit : base.commit},
                                       {"before", back ? base.commit : base.before},
                                       {"health", health_json(t)},
                                       {"sentence", sentence_of(t)}});
}

} // namespace persais::cli
