// Tells in words how a task stands.
#include "base/text.hpp"
#include "mechanic/landing.hpp"
#include "mechanic/step.hpp"
#include "mechanic/task.hpp"
#include "telegram/api/shown.hpp"
#include "telegram/outbound/render_pieces.hpp"

#include <algorithm>
#include <map>

namespace persais::telegram {

using namespace mechanic;

namespace {

phrase head_of(verdict how) {
    switch (how) {
    case verdict::ready:
        return phrase::head_ready;
    case verdict::ready_unchecked:
        return phrase::head_ready_unchecked;
    case verdict::tests_red:
        return phrase::head_tests_red;
    case verdict::checks_could_not_run:
        return phrase::head_checks_could_not_run;
    case verdict::no_change:
        return phrase::head_no_change;
    case verdict::protected_path:
        return phrase::head_protected_path;
    case verdict::link_outside:
        return phrase::head_link_outside;
    case verdict::paths_collide:
        return phrase::head_paths_collide;
    case verdict::secret_found:
        return phrase::head_secret_found;
    case verdict::model_failed:
        return phrase::head_model_failed;
    case verdict::timed_out:
        return phrase::head_timed_out;
    case verdict::disk_limit:
        return phrase::head_disk_limit;
    case verdict::aborted:
        return phrase::head_aborted;
    case verdict::remote_failed:
        return phrase::head_remote_failed;
    case verdict::world_broken:
        return phrase::head_world_broken;
    }
    return phrase::head_world_broken;
}

/// The phrases for the reasons in contract.md, and for the waits that were given up. A reason that is not listed is
/// told in the task's own sentence.
std::optional<phrase> said_of_reason(verdict how, std::string_view reason) {
    static const std::map<std::string_view, phrase> model{{"key", phrase::model_key},
                                                          {"credit", phrase::model_credit},
                                                          {"budget", phrase::model_budget},
                                                          {"day_budget", phrase::model_budget},
                                                          {"policy", phrase::model_policy},
                                                          {"task_budget", phrase::model_budget},
                                                          {"model", phrase::model_unknown},
                                                          {"context", phrase::model_context},
                                                          {"paused", phrase::model_paused},
                                                          {"month_budget", phrase::model_budget},
                                                          {"rate", phrase::model_rate},
                                                          {"network", phrase::model_network},
                                                          {"model_away", phrase::model_network},
                                                          {"nonsense", phrase::model_nonsense},
                                                          {"world", phrase::said_world}};
    static const std::map<std::string_view, phrase> remote{
        {"not_found", phrase::remote_not_found}, {"no_read", phrase::remote_no_read},
        {"no_push", phrase::remote_no_push},     {"protected_branch", phrase::remote_protected_branch},
        {"moved", phrase::remote_moved},         {"network", phrase::remote_network},
        {"remote_away", phrase::remote_network}};
    const auto& of = how == verdict::remote_failed ? remote : model;
    auto found = of.find(reason);
    return found == of.end() ? std::nullopt : std::optional(found->second);
}

constexpr std::size_t trouble_units = 200; // of the details of a task's trouble in a list

/// The path that a sentence names between two backticks.
std::string named_path(std::string_view sentence) {
    auto from = sentence.find('`');
    auto to = from == sentence.npos ? from : sentence.find('`', from + 1);
    return to == sentence.npos ? std::string() : std::string(sentence.substr(from + 1, to - from - 1));
}

/// How much of the disk a sentence names: "… more than 4 GB of disk …", "… more than 1000000 files …".
std::string disk_amount(reader l, std::string_view sentence) {
    constexpr std::string_view before = "more than ";
    auto from = sentence.find(before);
    if (from == sentence.npos) return {};
    sentence.remove_prefix(from + before.size());
    auto number = sentence.substr(0, sentence.find(' '));
    sentence.remove_prefix(std::min(number.size() + 1, sentence.size()));
    auto p = sentence.starts_with("GB")   ? phrase::disk_gigabytes
             : sentence.starts_with("MB") ? phrase::disk_megabytes
                                          : phrase::disk_files;
    return say_plain(l, p, {{"n", std::string(number)}});
}

/// Whether there is a setting's name in it, like GIT_ACCESS_TOKEN.
bool names_setting(std::string_view text) {
    auto of_name = [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; };
    while (!text.empty()) {
        auto size = static_cast<std::size_t>(std::ranges::find_if_not(text, of_name) - text.begin());
        auto word = text.substr(0, size);
        if (auto bar = word.find('_'); bar != word.npos && bar > 0 && bar + 1 < size) return true;
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return false;
}

/// Leaves out the sentences that name a setting.
std::string without_settings(std::string_view text) {
    std::string kept;
    while (!text.empty()) {
        auto end = std::min(text.find(". "), text.find('\n'));
        auto one = text.substr(0, end == text.npos ? end : end + 1);
        text.remove_prefix(one.size());
        if (!names_setting(one)) kept += one;
    }
    return std::string(text::trim(kept));
}

/// The phrase of a state that needs no more than one; nullopt: the verdict decides.
std::optional<phrase> phrase_of(const state& s) {
    using some = std::optional<phrase>;
    return std::visit(
        each_state{[](const queued&) { return some(phrase::state_queued); },
                   [](const preparing&) { return some(phrase::state_preparing); },
                   [](const coding& c) { return some(c.round > 0 ? phrase::state_repairing : phrase::state_coding); },
                   [](const checking&) { return some(phrase::state_checking); },
                   [](const publishing&) { return some(phrase::state_publishing); },
                   [](const answering&) { return some(phrase::state_answering); },
                   [](const waiting&) { return some(phrase::state_waiting); },
                   [](const parked&) { return some(phrase::head_parked); },
                   [](const expired&) { return some(phrase::head_expired); },
                   [](const discarded&) { return some(phrase::head_discarded); },
                   [](const answered&) { return some(phrase::head_answered); },
                   [](const aborted&) { return some(phrase::head_aborted); },
                   [](const deploying&) { return some(phrase::state_deploying); },
                   [](const deployed&) { return some(phrase::head_deployed); },
                   [](const rolling_back&) { return some(phrase::state_rolling_back); },
                   [](const rolled_back&) { return some(phrase::head_rolled_back); },
                   [](const one_of<review, failed> auto&) { return some(); }},
        s);
}

styled claim_words(reader l, const facts& k) {
    switch (claim_of(k)) {
    case checks_claim::green:
        return say(l, phrase::said_green);
    case checks_claim::fixed:
        return say(l, phrase::said_mended);
    case checks_claim::still_red:
        return say(l, phrase::said_still_red);
    case checks_claim::broke:
        return say(l, phrase::said_broke);
    case checks_claim::made_late:
        return say(l, phrase::said_made_late, {{"n", k.check_seconds}});
    case checks_claim::red:
        return say(l, phrase::said_red);
    case checks_claim::late:
        return say(l, phrase::said_late, {{"n", k.check_seconds}});
    }
    return {};
}

/// The claim about the checks; when nothing is claimed about the time before the change, with the reason.
styled claim_sentence(reader l, const facts& k) {
    auto out = claim_words(l, k);
    if (k.before == check_outcome::timed_out)
        out += plain(" ") + say(l, phrase::said_late_before, {{"n", k.check_seconds}});
    if (k.before == check_outcome::could_not_run) out += plain(" ") + say(l, phrase::said_could_not_run_before);
    if (!k.setup_failed.empty())
        out += plain(" ") + say(l, phrase::said_setup_failed, {{"command", code(one_line(k.setup_failed, 100))}});
    return out;
}

styled denied_hosts(reader l, const facts& k) {
    if (k.hosts_denied.empty()) return {};
    constexpr std::size_t shown = 3;
    std::string named;
    for (std::size_t i = 0; i < std::min(shown, k.hosts_denied.size()); ++i)
        named += (i == 0 ? "" : ", ") + k.hosts_denied[i];
    if (k.hosts_denied.size() > shown) named += ", …";
    return plain(" ") +
           say(l, phrase::said_hosts_denied, {{"n", k.hosts_denied.size()}, {"hosts", code(one_line(named, 300))}});
}

/// What is missing in a result, behind its sentence.
styled failed_edits(reader l, const facts& k) {
    if (k.edits_failed.empty()) return {};
    auto n = k.edits_failed.size();
    const auto& path = k.edits_failed.front();
    if (path.empty()) return plain(" ") + say(l, phrase::said_edits_failed, {{"n", n}});
    return plain(" ") + say(l, phrase::said_edits_failed_of, {{"n", n}, {"path", code(one_line(path, 100))}});
}

/// What looks like a credential, and where; for an admin with its first characters.
styled held_sentence(reader l, const facts& k) {
    constexpr std::size_t shown = 3;
    if (!k.held_back || k.held_back->found.empty()) return say(l, phrase::said_secret_found_gone);
    const auto& found = k.held_back->found;
    styled places;
    for (std::size_t i = 0; i < std::min(found.size(), shown); ++i) {
        const auto& each = found[i];
        places += plain("\n") + code(one_line(each.path, 100)) +
                  plain(each.line > 0 ? fmt::format(":{} ", each.line) : " ") + plain(each.rule);
        if (l.admin && !each.shown.empty()) places += plain(" ") + code(one_line(each.shown, 20));
    }
    return say(l, phrase::said_secret_found, {{"n", static_cast<std::int64_t>(found.size())}}) + places;
}

/// What becomes of a task's work when nobody decides on it any more.
styled leftover_sentence(reader l, const task& t) {
    styled out;
    const auto& setback = t.known.came_to_nothing;
    if (setback && setback->how == verdict::secret_found) out += plain(" ") + say(l, phrase::said_held_not_pushed);
    const auto branch = code(t.known.branch);
    switch (seen_of_branch(t)) {
    case branch_seen::ours:
        return out + plain(" ") + say(l, phrase::said_branch_stays, {{"branch", branch}});
    case branch_seen::unknown:
        return out + plain(" ") + say(l, phrase::said_branch_unknown, {{"branch", branch}});
    case branch_seen::nothing:
    case branch_seen::not_ours:
        break;
    }
    return out;
}

styled sentence_of_verdict(reader l, const task& t, verdict how) {
    const auto& k = t.known;
    switch (how) {
    case verdict::ready:
    case verdict::tests_red:
        return claim_sentence(l, k) + denied_hosts(l, k) + failed_edits(l, k);
    case verdict::ready_unchecked:
        return say(l, phrase::said_unchecked) + failed_edits(l, k);
    case verdict::checks_could_not_run:
        return say(l, phrase::said_could_not_run) + denied_hosts(l, k) + failed_edits(l, k);
    case verdict::no_change:
        if (auto path = named_path(sentence_of(t)); !path.empty())
            return say(l,
                       sentence_of(t).contains(mechanic::kept_in_lfs) ? phrase::said_only_lfs_left_out
                                                                      : phrase::said_only_left_out,
                       {{"path", code(path)}});
        return say(l, phrase::said_no_change);
    case verdict::protected_path:
        return say(l, phrase::said_protected, {{"path", code(named_path(sentence_of(t)))}});
    case verdict::link_outside:
        return say(l, phrase::said_link_outside, {{"path", code(named_path(sentence_of(t)))}});
    case verdict::paths_collide:
        return say(l, phrase::said_paths_collide, {{"path", code(named_path(sentence_of(t)))}});
    case verdict::secret_found:
        return held_sentence(l, k);
    case verdict::timed_out:
        return say(l, k.made && !retries_its_turn(t) ? phrase::said_timed_out_kept : phrase::said_timed_out);
    case verdict::disk_limit:
        return say(l, k.made && !retries_its_turn(t) ? phrase::said_disk_limit_kept : phrase::said_disk_limit,
                   {{"amount", disk_amount(l, sentence_of(t))}});
    case verdict::aborted:
        return say(l, phrase::said_aborted) + leftover_sentence(l, t);
    case verdict::model_failed:
    case verdict::remote_failed:
        if (auto p = said_of_reason(how, reason_of(t))) return say(l, *p);
        return {};
    case verdict::world_broken:
        return say(l, phrase::said_world);
    }
    return {};
}

} // namespace

/// A sentence of the state machine, in the reader's language.
styled told_sentence(reader l, const std::string& sentence) {
    return plain(shown_words(in(l, sentence).value_or(sentence)));
}

std::string standing_words(reader l, const task& t) {
    if (is_withdrawn(t)) return say_plain(l, phrase::head_withdrawn);
    if (auto p = phrase_of(t.now)) return say_plain(l, *p, {{"n", round_of(t.now).value_or(0)}});
    return say_plain(l, head_of(verdict_of(t).value_or(verdict::world_broken)));
}

styled verdict_sentence(reader l, const task& t) {
    return std::visit(
        each_state{
            [&](const parked&) { return say(l, phrase::said_parked, {{"n", t.known.attempts_used}}); },
            [&](const expired&) { return say(l, phrase::said_expired) + leftover_sentence(l, t); },
            [&](const discarded&) { return say(l, phrase::said_discarded) + leftover_sentence(l, t); },
            [&](const review&) {
                auto words = sentence_of_verdict(l, t, *verdict_of(t));
                if (t.known.not_landed.empty()) return words;
                return told_sentence(l, t.known.not_landed) + plain(" ") + words;
            },
            [&](const one_of<failed, aborted, answered> auto&) { return sentence_of_verdict(l, t, *verdict_of(t)); },
            [&](const one_of<deployed, rolled_back> auto&) {
                auto words = told_sentence(l, landed_in_words(t));
                if (t.known.not_landed.empty()) return words;
                return words + plain(" ") + told_sentence(l, t.known.not_landed);
            },
            [](const one_of<queued, preparing, coding, checking, publishing, answering, waiting, deploying,
                            rolling_back> auto&) { return styled(); }},
        t.now);
}

std::string state_line(reader l, std::string_view name, int attempt, int round) {
    auto state = state_from(name);
    if (!state) return std::string(name); // of a newer version
    auto p = phrase_of(*state).value_or(std::holds_alternative<review>(*state) ? phrase::state_review
                                                                               : phrase::state_failed);
    auto out = say_plain(l, round > 0 && p == phrase::state_coding ? phrase::state_repairing : p, {{"n", round}});
    if (attempt > 1) out += ", " + say_plain(l, phrase::attempt_number, {{"n", attempt}});
    return out;
}

std::string details(reader l, const task& t) {
    return l.admin ? sentence_of(t) : without_settings(sentence_of(t));
}

styled trouble_words(reader l, const task& t) {
    auto out = verdict_sentence(l, t);
    if (out.text.empty()) out = plain(standing_words(l, t));
    if (l.admin && !sentence_of(t).empty())
        out += plain(" ") + code(one_line(in(l, sentence_of(t)).value_or(sentence_of(t)), trouble_units));
    return out;
}

} // namespace persais::telegram
