#include "forge/github_merging.hpp"

#include "base/json.hpp"
#include "base/text.hpp"
#include "base/told.hpp"
#include "forge/github_answers.hpp"
#include "forge/limits.hpp"

#include <fmt/format.h>

namespace persais::forge {

namespace json = boost::json;

namespace {

std::string to_merge() {
    return told<"merge its pull request", "слить pull request">();
}

/// The result of a merge, as both calls about it have it. `over` stands for all that the request itself says better.
outcome<merging> merging_in(const json_api::reply& came) {
    const auto& body = came.body.get_object();
    const auto* details = object_in(body, "details");
    auto status = text_in(body, "status");
    if (status == "pending")
        return merging{merging::state::under_way, {}, details ? text_in(*details, "uuid") : std::string()};
    if (status != "failed") return merging{merging::state::over, {}, {}}; // merged, or in the queue
    auto words = details ? text::cut(text::printable(text_in(*details, "message")), limits::forge_words_bytes) : "";
    if (words.contains("was modified")) return std::unexpected(trouble{trouble::kind::moved, words, {}});
    while (words.ends_with('.'))
        words.pop_back();
    return std::unexpected(trouble{
        trouble::kind::refused, told<"GitHub does not {}: {}.", "GitHub отказывается {}: {}.">(to_merge(), words), {}});
}

/// "Field 'isInMergeQueue' doesn't exist on type 'PullRequest'": GraphQL's words for what a server is too old for.
bool lacks_the_field(const trouble& why) {
    return why.what == trouble::kind::refused && why.sentence.contains("doesn't exist") &&
           why.sentence.contains("Field '");
}

bool has_result(const json_api::reply& came) {
    return came.body.is_object() && came.body.get_object().contains("status") &&
           came.body.get_object().contains("details");
}

} // namespace

awaitable<outcome<std::string>> merge_at_once(github_repository& at, request which, std::string way) {
    auto came = co_await at.ask("PUT", fmt::format("/pulls/{}/merge", which.number),
                                {{"sha", which.head}, {"merge_method", way}}, to_merge());
    if (!came) co_return std::unexpected(std::move(came.error()));
    const auto* body = came->body.if_object();
    co_return body ? text_in(*body, "sha") : std::string();
}

awaitable<outcome<merging>> begin_merge_at(github_repository& at, request which, std::string way) {
    constexpr int not_found = 404;
    auto came = co_await at.answer_to("PUT", fmt::format("/pulls/{}/merge-async", which.number),
                                      {{"sha", which.head}, {"merge_method", way}, {"merge_action", "default"}});
    if (!came) co_return std::unexpected(std::move(came.error()));
    // 409 names the one that runs already, which an earlier call of ours began: it is followed.
    if (has_result(*came)) co_return merging_in(*came);
    if (came->status != not_found) co_return std::unexpected(trouble_in(*came, to_merge()));
    auto merged = co_await merge_at_once(at, std::move(which), std::move(way)); // a server that has no other call
    if (!merged) co_return std::unexpected(std::move(merged.error()));
    co_return merging{merging::state::merged, std::move(*merged), {}};
}

awaitable<outcome<merging>> merging_at(github_repository& at, request which, std::string id) {
    constexpr int not_found = 404;
    if (id.empty()) co_return merging{merging::state::over, {}, {}};
    auto came = co_await at.answer_to("GET", fmt::format("/pulls/{}/merge-async/{}", which.number, id), {});
    if (!came) co_return std::unexpected(std::move(came.error()));
    if (has_result(*came)) co_return merging_in(*came);
    if (came->status == not_found) co_return merging{merging::state::over, {}, {}}; // it is kept for a day
    co_return std::unexpected(trouble_in(*came, to_merge()));
}

awaitable<outcome<queue_place>> place_in_queue_at(github_repository& at, request which) {
    auto data = co_await at.graphql(
        "query($id: ID!) { node(id: $id) { ... on PullRequest { isMergeQueueEnabled isInMergeQueue "
        "mergeQueueEntry { position } timelineItems(last: 1, itemTypes: [REMOVED_FROM_MERGE_QUEUE_EVENT]) { nodes { "
        "... on RemovedFromMergeQueueEvent { reason } } } } } }",
        {{"id", which.id}}, told<"show its merge queue", "показать очередь слияния">());
    if (!data) {
        if (lacks_the_field(data.error())) co_return queue_place{}; // an older server has none
        co_return std::unexpected(std::move(data.error()));
    }
    const auto* node = object_in(*data, "node");
    if (!node)
        co_return std::unexpected(trouble{trouble::kind::refused,
                                          told<"GitHub does not show the pull request's place in its merge queue.",
                                               "GitHub не показывает место pull request в очереди слияния.">(),
                                          {}});
    queue_place place{
        .required = flag_in(*node, "isMergeQueueEnabled"), .in = flag_in(*node, "isInMergeQueue"), .thrown = {}};
    if (const auto* entry = object_in(*node, "mergeQueueEntry"))
        place.position = static_cast<int>(whole_in(*entry, "position").value_or(0));
    const auto* events = object_in(*node, "timelineItems");
    const auto* list = events ? array_in(*events, "nodes") : nullptr;
    if (list && !list->empty() && list->back().is_object())
        place.thrown =
            text::cut(text::printable(text_in(list->back().get_object(), "reason")), limits::forge_words_bytes);
    co_return place;
}

awaitable<outcome<void>> enqueue_at(github_repository& at, request which) {
    auto done =
        co_await at.graphql("mutation($id: ID!, $head: GitObjectID!) { enqueuePullRequest(input: {pullRequestId: "
                            "$id, expectedHeadOid: $head}) { mergeQueueEntry { position } } }",
                            {{"id", which.id}, {"head", which.head}},
                            told<"put it into the merge queue", "поставить его в очередь слияния">());
    if (!done) co_return std::unexpected(std::move(done.error()));
    co_return outcome<void>{};
}

awaitable<outcome<void>> leave_queue_at(github_repository& at, request which) {
    auto place = co_await place_in_queue_at(at, which);
    if (!place) co_return std::unexpected(std::move(place.error()));
    if (!place->in) co_return outcome<void>{};
    auto done = co_await at.graphql("mutation($id: ID!) { dequeuePullRequest(input: {id: $id}) { mergeQueueEntry { "
                                    "position } } }",
                                    {{"id", which.id}},
                                    told<"take it out of the merge queue", "убрать его из очереди слияния">());
    if (!done) co_return std::unexpected(std::move(done.error()));
    co_return outcome<void>{};
}

} // namespace persais::forge
