#pragma once
#include "mechanic/step.hpp"
#include "worker/check_run.hpp"
#include "worker/dependencies.hpp"
#include "worker/driver.hpp"
#include "worker/leaks_in.hpp"
#include "worker/repository_rules.hpp"
#include "worker/task_workspace.hpp"
#include "worker/tree_additions.hpp"

#include <memory>
#include <optional>

namespace persais::worker {

/// Executes the commands on this machine. Holds what the commands of one attempt share: the workspace, the mirror, the
/// rules of the base commit.
class local_executor final : public command_executor {
public:
    local_executor(const dependencies& with, const observer& tell, const toolchain& tools, task_id id, fence held);

    awaitable<mechanic::event> execute(mechanic::task t, mechanic::command what, std::string conversation) override;
    std::optional<std::string> take_conversation() override { return std::exchange(conversation_, std::nullopt); }
    /// Removes the workspace without blocking the loop.
    awaitable<void> put_away() override;
    /// As put_away, and removes the task's refs unless a branch or a kept diff needs them.
    awaitable<void> clean_up(mechanic::task t) override;
    void leave_behind() override;

private:
    awaitable<mechanic::event> do_prepare(mechanic::task t, bool tree);
    awaitable<mechanic::event> do_code(mechanic::task t, mechanic::run_coder what, std::string conversation);
    awaitable<mechanic::event> do_answer(mechanic::task t, std::string conversation);
    awaitable<mechanic::event> do_check(mechanic::task t, mechanic::run_checks what);
    awaitable<mechanic::event> do_publish(mechanic::task t, mechanic::publish what);
    awaitable<mechanic::event> do_take_lane(mechanic::task t);
    awaitable<mechanic::event> do_replay(mechanic::task t);
    awaitable<mechanic::event> do_check_landing(mechanic::task t, mechanic::check_landing what);
    awaitable<mechanic::event> do_land(mechanic::task t, mechanic::land what);
    awaitable<mechanic::event> do_request(mechanic::task t, mechanic::land what);
    /// Adds to `now` that its request was merged already. An event: the forge did not say.
    awaitable<std::optional<mechanic::event>> find_merged(mechanic::task t, mechanic::replayed& now);
    /// Has the forge merge nothing of it later. An event: it did not say.
    awaitable<std::optional<mechanic::event>> leave_queue(mechanic::task t);
    awaitable<std::optional<mechanic::event>> offer(mechanic::task t, std::string branch, std::string commit);
    /// As REVIEW_REQUEST says; the page of the draft, empty when there is none.
    awaitable<std::string> draft_of(mechanic::task t);
    awaitable<mechanic::event> do_watch(mechanic::task t, mechanic::watch what);

    awaitable<git::outcome<git::commit_id>> ground_of_replay(const mechanic::task& t);
    awaitable<git::outcome<std::vector<queue::leases::joined>>> join(git::mirror& mirror);
    awaitable<coder::report> ask_agent(const mechanic::task& t, coder::job what, secret token, sandbox::view view,
                                       std::shared_ptr<std::chrono::steady_clock::time_point> heard);
    llm::session_spec session(const mechanic::task& t,
                              std::shared_ptr<std::chrono::steady_clock::time_point> heard) const;
    check_plan plan(const mechanic::task& t) const;
    /// The timeout of one run of setup or checks: the repository's own, else the setting.
    std::chrono::milliseconds check_time() const;
    git::mirror& mirror_of(const mechanic::task& t);
    /// What admins have set for the task's repository now; null: nothing.
    std::shared_ptr<const service::known_repository> own(const mechanic::task& t) const;
    /// Why the task's model may not be asked, or what is set cannot be opened; nullopt: nothing is in the way.
    std::optional<mechanic::event> model_is_refused(const mechanic::task& t) const;
    std::string ref_of(const mechanic::task& t) const;
    awaitable<mechanic::event> judge(const mechanic::task& t, const coder::report& r, secret token, int round,
                                     mechanic::check_outcome before);
    awaitable<git::outcome<git::mirror::imported>> take_work(mechanic::task t, std::vector<std::string> failed);
    /// For a turn that solves a conflict: what it is about, merged into this commit of the base branch.
    awaitable<git::outcome<git::mirror::half_merged>> merge_for(mechanic::task t, git::commit_id onto);
    awaitable<mechanic::work> work_of(mechanic::task t, git::mirror::imported taken, int round);
    /// Chooses what this turn is given of what earlier tasks and people left to know.
    awaitable<void> recall_for(mechanic::task t);
    /// The same as the agent is given it.
    awaitable<std::string> notes_for(mechanic::task t);
    void say(mechanic::progress::kind what, std::string subject = {}) const;

    const dependencies& with_; // declared in the wiring, outlives us
    const observer& tell_;
    const toolchain& tools_;
    task_id id_;
    fence held_;
    std::unique_ptr<task_workspace> place_;
    std::optional<git::mirror> mirror_;
    checks::repository_file file_;
    tree_additions beyond_;
    leaks_ahead leaks_;
    std::optional<git::mirror::half_merged> merge_; // of merge_for()
    std::optional<std::string> conversation_;
};

/// contract.md's word for a git failure while reading or pushing: not_found, no_read, no_push, protected_branch, moved,
/// network.
std::string reason_word(git::error_kind kind, bool pushing);
/// Whether the failure has nothing to do with the task: a full disk.
bool is_world(git::error_kind kind);
/// The event of such a failure.
mechanic::event stopped(const git::failure& f, double seconds, bool pushing = false);

} // namespace persais::worker
