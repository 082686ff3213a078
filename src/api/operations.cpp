#include "api/handlers.hpp"

namespace persais::api {

using service::scope;

namespace {

using enum parameter::place;

constexpr parameter the_task{path, "task", R"({"type":"string","pattern":"^[1-9][0-9]{0,17}$","maxLength":18})",
                             "The number of a task."};
constexpr parameter the_key{
    header, "Idempotency-Key", R"({"type":"string","minLength":1,"maxLength":200,"pattern":"^[!-~]+$"})",
    "A word of your choice. The same request with the same word is carried out once, however often it is sent."};
constexpr parameter the_last_event{
    header, "Last-Event-ID", R"({"type":"string","maxLength":1100,"pattern":"^[0-9]{1,18}([.][0-9]{1,18}){0,50}$"})",
    "The id of the last event that came: the stream goes on behind it."};

constexpr std::string_view states =
    R"({"type":"string","enum":["queued","preparing","coding","checking","publishing","answering","review","waiting","failed",)"
    R"("aborted","parked","expired","answered","deploying","deployed","rolling_back","rolled_back","discarded"]})";

std::vector<operation> reading() {
    return {
        {.id = "listTasks",
         .method = "GET",
         .path = "/tasks",
         .about = "The tasks that you may look at, the newest first.",
         .parameters = {{query, "state", states, "Only tasks in this state."},
                        {query, "repository", R"({"type":"string","minLength":1,"maxLength":2000})",
                         "Only tasks of this repository: its short name or its address."},
                        {query, "unsettled", R"({"type":"boolean"})", "Only tasks that somebody works on, or will."},
                        {query, "limit", R"({"type":"integer","minimum":1,"maximum":200,"default":50})",
                         "At most so many."},
                        {query, "cursor", R"({"type":"string","pattern":"^[1-9][0-9]{0,17}$","maxLength":18})",
                         "Where the page begins: `next` of the page before."}},
         .answer = "TaskPage",
         .answers = list_tasks},
        {.id = "getTask",
         .method = "GET",
         .path = "/tasks/{task}",
         .about = "How a task stands.",
         .parameters = {the_task},
         .answer = "Task",
         .answers = get_task},
        {.id = "getDiff",
         .method = "GET",
         .path = "/tasks/{task}/diff",
         .about =
             "What a task changed, as a patch that `git apply` takes. The header Persais-Diff-Cut says whether it is "
             "longer than what is here, Persais-Commit which commit it is of.",
         .parameters = {the_task,
                        {query, "commit",
                         R"({"type":"string","pattern":"^([0-9a-f]{40}|[0-9a-f]{64})$","maxLength":64})",
                         "Of this commit of the task; without it, of the newest."},
                        {query, "range", R"({"type":"string","enum":["whole","last_turn"],"default":"whole"})",
                         "Of all turns together, or of the newest alone."}},
         .answer = "text/x-diff",
         .answers = get_diff},
        {.id = "getLog",
         .method = "GET",
         .path = "/tasks/{task}/log",
         .about = "What happened to a task so far, the oldest first, page by page.",
         .parameters = {the_task,
                        {query, "after", R"({"type":"integer","minimum":0,"maximum":999999999999999999,"default":0})",
                         "Only what has a higher number: `next` of the page before."}},
         .answer = "LogPage",
         .answers = get_log},
        {.id = "streamTask",
         .method = "GET",
         .path = "/tasks/{task}/events",
         .about = "What happens to a task from now on, or from Last-Event-ID on, as server-sent events.",
         .parameters = {the_task, the_last_event},
         .answer = "text/event-stream",
         .streams = stream_task},
        {.id = "streamAll",
         .method = "GET",
         .path = "/events",
         .about = "The same of all tasks that you may look at.",
         .parameters = {the_last_event},
         .answer = "text/event-stream",
         .streams = stream_all},
        {.id = "listRepositories",
         .method = "GET",
         .path = "/repositories",
         .about = "The repositories in which you have a role.",
         .answer = "Repositories",
         .answers = list_repositories},
        {.id = "listPeople",
         .method = "GET",
         .path = "/people",
         .needs = scope::admin,
         .about = "Who has a right that no setting gives; for admins.",
         .answer = "People",
         .answers = list_people},
        {.id = "getCosts",
         .method = "GET",
         .path = "/costs",
         .needs = scope::admin,
         .about = "What the calls to models came to, from the ledger; for admins.",
         .parameters = {{query, "by",
                         R"({"type":"string","enum":["day","repository","person","model","task"],"default":"day"})",
                         "A line for each of these."},
                        {query, "since", R"({"type":"string","format":"date","maxLength":10})",
                         "The first day (UTC), as 2026-11-30."},
                        {query, "until", R"({"type":"string","format":"date","maxLength":10})", "The last day (UTC)."}},
         .answer = "Costs",
         .answers = get_costs},
        {.id = "getSelf",
         .method = "GET",
         .path = "/self",
         .about = "Whose token this is, and what it is good for.",
         .answer = "Self",
         .answers = get_self},
    };
}

std::vector<operation> deciding() {
    auto on_task = [](std::string_view id, std::string_view way, scope needs, std::string_view about,
                      std::string_view body, awaitable<http::response> (*how)(asked&)) {
        return operation{.id = id,
                         .method = "POST",
                         .path = way,
                         .needs = needs,
                         .about = about,
                         .parameters = {the_task},
                         .body = body,
                         .answer = "Task",
                         .answers = how};
    };
    return {
        {.id = "submitTask",
         .method = "POST",
         .path = "/tasks",
         .needs = scope::submit,
         .about = "Gives a task: a change, or a question.",
         .parameters = {the_key},
         .body = "NewTask",
         .success = 201,
         .answer = "Accepted",
         .answers = submit_task},
        {.id = "replyTask",
         .method = "POST",
         .path = "/tasks/{task}/replies",
         .needs = scope::submit,
         .about =
             "Goes on with a task: its next turn, on the same branch. While the task is under way the reply waits.",
         .parameters = {the_task, the_key},
         .body = "Reply",
         .success = 202,
         .answer = "Accepted",
         .answers = reply_task},
        {.id = "retryTask",
         .method = "POST",
         .path = "/tasks/{task}/retry",
         .needs = scope::submit,
         .about = "Does a task anew that has ended, or its newest turn when that came to nothing. The answer names the "
                  "task that does it.",
         .parameters = {the_task, the_key},
         .success = 201,
         .answer = "Accepted",
         .answers = retry_task},
        on_task("abortTask", "/tasks/{task}/abort", scope::submit,
                "Ends a task, or its current turn. A result is put away only when `commit` names it.", "OfCommit",
                abort_task),
        on_task("discardTask", "/tasks/{task}/discard", scope::submit, "Puts a task's result away; its branch stays.",
                "OfCommit", discard_task),
        on_task("undiscardTask", "/tasks/{task}/undiscard", scope::submit, "Takes a result up again that was put away.",
                "OfCommit", undiscard_task),
        on_task(
            "deployTask", "/tasks/{task}/deploy", scope::deploy,
            "Has a task's result brought onto the base branch: exactly `commit`, once. `landing` of the answer says "
            "how far that is, `approvals` whether others have to agree first.",
            "Landing", deploy_task),
        on_task("rollBackTask", "/tasks/{task}/rollback", scope::deploy,
                "Has taken back what a task brought onto the base branch.", "Landing", roll_back_task),
        on_task("raiseBudget", "/tasks/{task}/budget", scope::admin, "Lets a task spend more, in all; for admins.",
                "Budget", raise_budget),
    };
}

} // namespace

std::span<const operation> operations() {
    static const std::vector<operation> all = [] {
        auto made = reading();
        std::ranges::move(deciding(), std::back_inserter(made));
        return made;
    }();
    return all;
}

} // namespace persais::api
