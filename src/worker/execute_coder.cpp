// The executor's commands that need a model: code and answer.
#include "base/background.hpp"
#include "base/text.hpp"
#include "base/told.hpp"
#include "checks/glob.hpp"
#include "checks/noted.hpp"
#include "checks/repository_file.hpp"
#include "coder/prose.hpp"
#include "mechanic/limits.hpp"
#include "service/access.hpp"
#include "worker/command_executor.hpp"
#include "worker/identity.hpp"
#include "worker/limits.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace persais::worker {

using namespace mechanic;

namespace {

using steady = std::chrono::steady_clock;
double since(steady::time_point start) {
    return std::chrono::duration<double>(steady::now() - start).count();
}

std::string repair_words(const std::string& feedback, const facts& k) {
    const auto before = k.before;
    if (!k.unmerged.empty()) {
        std::string named;
        for (const auto& path : k.unmerged)
            named += (named.empty() ? "`" : ", `") + path + "`";
        return fmt::format(
            "Lines that mark a conflict are still in {}. Replace each block, with all of its marks, by the "
            "one text that is right.",
            named);
    }
    std::string_view aside;
    if (before == check_outcome::red) aside = " (They were red before it, too.)";
    if (before == check_outcome::timed_out) aside = " (Before it they did not end in their time.)";
    return fmt::format(
        "The checks are red after your change.{} Fix this with further edits; change the code rather than "
        "the tests unless the tests are what is wrong.\n\n{}",
        aside, feedback);
}

/// What of an order to solve a conflict is known only now: the base branch may have moved once more.
std::string what_meets(const std::optional<git::mirror::half_merged>& merge) {
    if (!merge) return {};
    std::string named;
    for (const auto& path :
         std::span(merge->conflicts).first(std::min(merge->conflicts.size(), limits::conflicts_named)))
        named += (named.empty() ? "`" : ", `") + path + "`";
    if (named.empty()) return "\n\nThe merge has no conflicts any more: look that it is whole.";
    return fmt::format(
        "\n\nConflicts are in: {}. One of them without such a block was deleted, moved or replaced by one "
        "side: leave what is right.",
        named);
}

model_trouble trouble_of(llm::cause why) {
    using enum llm::cause;
    switch (why) {
    case key:
        return model_trouble::key;
    case credit:
        return model_trouble::credit;
    case day_budget:
        return model_trouble::day_budget;
    case month_budget:
        return model_trouble::month_budget;
    case task_budget:
        return model_trouble::task_budget;
    case paused:
        return model_trouble::paused;
    case policy:
        return model_trouble::policy;
    case model:
        return model_trouble::model;
    case context:
        return model_trouble::context;
    case rate:
        return model_trouble::rate;
    case network:
    case none:
        break;
    }
    return model_trouble::network;
}

model_failed failure_in(const llm::last_failure& call) {
    return {
        .why = trouble_of(call.why), .sentence = call.sentence, .retry_after = call.retry_after, .budget = call.budget};
}

/// Reported before the agent is started, because the agent would only find out the same some seconds later.
mechanic::event no_key() {
    return model_failed{
        model_trouble::key,
        told<"There is no model key: set OPENROUTER_API_KEY.", "Нет ключа к модели: задайте OPENROUTER_API_KEY.">(),
        std::nullopt};
}

void keep(std::optional<std::string>& conversation, const coder::report& r) {
    if (!r.conversation.empty()) conversation = r.conversation;
}

/// Why the agent's run has no result that could be examined; nullopt: it has one.
std::optional<mechanic::event> stopped_at(const coder::report& r) {
    using enum coder::ending;
    switch (r.how) {
    case nonsense:
        return mechanic::model_failed{model_trouble::nonsense, r.reason};
    case too_long:
        return mechanic::model_failed{model_trouble::context, r.reason};
    case model_failed:
        return mechanic::model_failed{model_trouble::network, r.reason};
    case bad_job:
        return world_trouble{r.reason};
    case crashed:
        return world_trouble{.sentence = r.reason, .may_pass = true};
    default:
        return std::nullopt;
    }
}

/// Its time was over. An agent of which nothing was heard while its endpoint failed and failed was ended because of
/// that.
bool out_of_time(const coder::report& r, const llm::last_failure& call) {
    using coder::ending;
    return r.how == ending::timed_out || (r.how == ending::went_idle && call.why == llm::cause::none);
}

/// How the checks of the base ended. That they broke on this machine is no reason to lose what the agent has done
/// meanwhile: nothing is known of the base then, and the checks after the change meet the same trouble and tell it.
awaitable<check_outcome> outcome_of(background<check_verdict>& baseline) {
    try {
        co_return (co_await baseline.join()).how;
    } catch (const boost::system::system_error&) {
        throw; // cancelled
    } catch (const std::exception& e) {
        spdlog::warn("the checks could not be run before the change: {}", e.what());
    }
    co_return check_outcome::not_run;
}

/// Why the work may not be pushed by the rules of its repository. Its paths may be thousands, and long: others go on
/// between them.
awaitable<std::optional<work_refused>> not_allowed(checks::repository_file rules, git::mirror::imported work) {
    std::size_t looked_at = 0;
    auto in_turn = [&looked_at](std::size_t bytes) -> awaitable<void> {
        looked_at += bytes;
        if (looked_at < limits::paths_turn_bytes) co_return;
        looked_at = 0;
        co_await asio::post(asio::use_awaitable);
    };
    for (const auto& path : work.paths) {
        if (checks::first_forbidden(rules, {path})) co_return work_refused{verdict::protected_path, path};
        co_await in_turn(path.size());
    }
    for (const auto& link : work.links_out) {
        if (!checks::matches_any(rules.outside_links, link.path))
            co_return work_refused{verdict::link_outside, link.path, text::cut(link.target, limits::link_target_bytes)};
        co_await in_turn(link.path.size());
    }
    if (work.collides) co_return work_refused{verdict::paths_collide, work.collides->added, work.collides->other};
    co_return std::nullopt;
}

std::vector<noted_file> noted_among(const std::vector<std::string>& paths) {
    std::vector<noted_file> all;
    for (const auto& path : paths)
        if (auto kind = checks::noted_kind(path); !kind.empty() && all.size() < limits::noted_kept)
            all.push_back({std::string(kind), path});
    return all;
}

diff_size size_of(const git::diff_stat& s) {
    return {s.files, s.insertions, s.deletions};
}

} // namespace

awaitable<mechanic::event> local_executor::do_code(task t, run_coder what, std::string conversation) {
    auto start = steady::now();
    if (with_.settings.openrouter_api_key.empty()) co_return no_key();
    if (auto refused = model_is_refused(t)) co_return std::move(*refused);
    auto heard = std::make_shared<steady::time_point>(start);
    auto token = with_.gateway.begin(session(t, heard));
    if (what.round == 0)
        say(progress::kind::agent_started);
    else
        say(progress::kind::agent_repairs, std::to_string(what.round));

    // During the first round: the result of setup and checks on the base, before any change.
    auto of_the_base = [this](const progress& doing) { // the agent's own progress is told meanwhile
        using enum progress::kind;
        if (doing.what == setup_given_up || doing.what == large_copies || doing.what == host_denied)
            say(doing.what, doing.subject);
    };
    std::optional<background<check_verdict>> baseline;
    if (t.known.before == check_outcome::not_run && !t.known.check.command.empty())
        baseline.emplace(
            co_await asio::this_coro::executor,
            run_checks_at(plan(t), *place_, *mirror_, ground_of(t.known), ground_of(t.known), of_the_base));
    auto work = [&]() -> awaitable<mechanic::event> {
        coder::job job{.instruction = what.round == 0 ? instruction_of(t) + what_meets(merge_)
                                                      : repair_words(what.feedback, t.known),
                       .conversation = std::move(conversation),
                       .notes = co_await notes_for(t)};
        auto report = co_await ask_agent(t, std::move(job), token, place_->code(), heard);
        auto outcome = co_await judge(t, report, token, what.round, t.known.before);
        with_.gateway.end(token);
        if (!baseline) co_return outcome;
        if (auto* made = std::get_if<coded>(&outcome)) {
            say(progress::kind::checking_base, t.known.check.command);
            made->before = co_await outcome_of(*baseline);
        } else {
            co_await baseline->stop();
        }
        co_return outcome;
    };
    auto give_up = [&]() -> awaitable<void> {
        with_.gateway.end(token);
        if (baseline) co_await baseline->stop(); // the checks use what belongs to this function
    };
    auto outcome = co_await clean_up_on_exception(work(), give_up());
    if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none)
        throw boost::system::system_error(asio::error::operation_aborted);
    if (tell_.money) tell_.money(co_await with_.gateway.spent_by(id_));
    std::visit(
        [&](auto& e) {
            if constexpr (requires { e.took_seconds; }) e.took_seconds = since(start);
        },
        outcome);
    co_return outcome;
}

awaitable<git::outcome<git::mirror::imported>> local_executor::take_work(task t, std::vector<std::string> failed) {
    // The first commit of a branch says what the task is, whatever was said until there was one.
    auto message =
        merge_ ? merge_->message : git::commit_message(t.known.stands ? instruction_of(t) : t.what.instruction);
    if (auto missing = failed_edits_in_words(failed); !missing.empty()) message += "\n" + missing + "\n";
    auto taken = co_await mirror_->import({.tree = place_->code().tree,
                                           .base = ground_of(t.known),
                                           .who = identity_of(with_.settings, t.what.co_author),
                                           .when = t.known.dated,
                                           .message = std::move(message),
                                           .keep_as = ref_of(t) + "/work",
                                           .lfs = file_.lfs,
                                           .remembered = place_->remembered()},
                                          with_.backend, place_->code());
    if (taken) {
        for (const auto& path : taken->left_out)
            say(progress::kind::left_out, path);
        for (const auto& path : taken->lfs_left_out)
            say(progress::kind::lfs_left_out, path);
    }
    co_return taken;
}

/// The imported work, as the facts keep it.
awaitable<work> local_executor::work_of(task t, git::mirror::imported taken, int round) {
    work made{taken.commit, size_of(taken.stat), round, size_of(taken.stat)};
    if (ground_of(t.known) != t.known.base) // the size of all turns together; a failure does not matter
        if (auto whole = co_await mirror_->stat(t.known.base, taken.commit)) made.whole = size_of(*whole);
    auto paths = std::move(taken.paths);
    if (ground_of(t.known) != t.known.base)
        if (auto all = co_await mirror_->changed_paths(t.known.base, taken.commit)) paths = std::move(*all);
    made.noted = noted_among(paths);
    if (with_.recall) co_await with_.recall->worked(t.id, made.commit, std::move(paths));
    co_return made;
}

awaitable<mechanic::event> local_executor::judge(const task& t, const coder::report& r, secret token, int round,
                                                 check_outcome before) {
    using coder::ending;
    auto call = with_.gateway.failure_of(token);
    auto failed = still_failed(t.known.edits_failed, r.files, r.edits_failed);
    if (out_of_time(r, call)) {
        coder_timed_out late{.idle = r.how == ending::went_idle, .sentence = r.reason};
        auto so_far = co_await take_work(t, failed);
        if (so_far && so_far->commit != ground_of(t.known)) late.made = co_await work_of(t, *so_far, round);
        late.edits_failed = std::move(failed);
        co_return late;
    }
    if (r.how == ending::out_of_disk) {
        over_disk full{.sentence = r.reason};
        auto so_far = co_await take_work(t, failed);
        if (so_far && so_far->commit != ground_of(t.known)) full.made = co_await work_of(t, *so_far, round);
        full.edits_failed = std::move(failed);
        co_return full;
    }
    // The gateway's record decides, because to the agent a broken answer looks like success.
    if (call.why != llm::cause::none) co_return failure_in(call);
    if (auto bad = stopped_at(r)) co_return *bad;
    // The draft of the turn before, or a merge, may already be everything that was asked for.
    if (r.how == ending::no_change && !t.known.draft && !merge_) {
        keep(conversation_, r);
        co_return coded_nothing{.said = r.answer};
    }
    auto taken = co_await take_work(t, failed);
    if (!taken) {
        if (is_world(taken.error().kind)) co_return world_trouble{taken.error().sentence};
        co_return model_failed{model_trouble::nonsense, taken.error().sentence};
    }
    // Kept only together with the work, because otherwise the agent would tell a new attempt that everything is done.
    keep(conversation_, r);
    if (taken->commit == ground_of(t.known))
        co_return coded_nothing{.said = r.answer, .left_out = taken->left_out, .lfs_left_out = taken->lfs_left_out};
    if (auto why = co_await not_allowed(file_, *taken)) co_return *why;
    co_await leaks_.begin(*mirror_, ground_of(t.known), taken->commit);
    std::vector<std::string> unmerged;
    if (merge_) {
        auto marked = co_await mirror_->marked_in(ground_of(t.known), taken->commit);
        if (!marked) co_return world_trouble{marked.error().sentence};
        unmerged = std::move(*marked);
    }
    co_return coded{.made = co_await work_of(t, *taken, round),
                    .before = before,
                    .said = text::cut(coder::prose_of(r.answer), limits::said_bytes),
                    .edits_failed = std::move(failed),
                    .unmerged = std::move(unmerged)};
}

awaitable<mechanic::event> local_executor::do_answer(task t, std::string conversation) {
    auto start = steady::now();
    if (with_.settings.openrouter_api_key.empty()) co_return no_key();
    if (auto refused = model_is_refused(t)) co_return std::move(*refused);
    auto heard = std::make_shared<steady::time_point>(start);
    auto token = with_.gateway.begin(session(t, heard));
    auto view = place_->code();
    view.read_only_tree = true;
    coder::job job{.what = coder::job::mode::ask,
                   .instruction = instruction_of(t),
                   .conversation = std::move(conversation),
                   .notes = co_await notes_for(t)};
    coder::report r;
    std::exception_ptr broken;
    try {
        r = co_await ask_agent(t, std::move(job), token, view, heard);
    } catch (...) {
        broken = std::current_exception();
    }
    auto call = with_.gateway.failure_of(token);
    with_.gateway.end(token);
    if (broken) std::rethrow_exception(broken);
    keep(conversation_, r);
    using coder::ending;
    if (out_of_time(r, call))
        co_return coder_timed_out{
            .idle = r.how == ending::went_idle, .sentence = r.reason, .took_seconds = since(start)};
    if (r.how == ending::out_of_disk) co_return over_disk{.sentence = r.reason, .took_seconds = since(start)};
    if (call.why != llm::cause::none) co_return failure_in(call);
    if (r.how == ending::answered) co_return answer_given{text::cut(r.answer, limits::answer_bytes), since(start)};
    if (auto bad = stopped_at(r)) co_return *bad;
    co_return world_trouble{r.reason};
}

awaitable<mechanic::event> local_executor::do_check(task t, run_checks what) {
    auto start = steady::now();
    auto tell = [this](const progress& doing) {
        if (tell_.progress) tell_.progress(doing);
    };
    auto seen = co_await run_checks_at(plan(t), *place_, *mirror_, ground_of(t.known), what.commit, tell);
    if (seen.over_disk) co_return over_disk{.sentence = seen.could_not_run, .took_seconds = since(start)};
    co_return checked{seen.how,
                      seen.feedback,
                      seen.could_not_run,
                      since(start),
                      place_->why_setup_failed.empty() ? "" : t.known.setup.command,
                      place_->hosts_denied};
}

} // namespace persais::worker
