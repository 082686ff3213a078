#include "worker/request_text.hpp"

#include "base/text.hpp"
#include "git/git.hpp"
#include "service/forge_orders.hpp"
#include "worker/limits.hpp"

#include <fmt/format.h>

namespace persais::worker {

using namespace mechanic;

namespace {

/// A person's words, as a quotation, outside of which they format nothing.
std::string quoted(const std::string& words) {
    auto out = "> " + text::cut(words, limits::request_words_bytes);
    for (std::size_t at = 0; (at = out.find('\n', at)) != out.npos; at += 3)
        out.replace(at, 1, "\n> ");
    return service::calls_nobody(std::move(out));
}

std::string subject_of(const std::string& instruction) {
    auto subject = git::commit_message(instruction);
    return subject.substr(0, subject.find('\n'));
}

std::string brief(const std::string& commit) {
    constexpr std::size_t told = 10;
    return commit.substr(0, told);
}

} // namespace

std::string branch_of_request(const task& t) {
    const auto& k = t.known;
    if (!k.lands || k.lands->what == landing::kind::deploy) return k.branch;
    const auto* what = k.lands->what == landing::kind::roll_back ? "rollback" : "again";
    return fmt::format("{}-{}-{}", k.branch, what, brief(k.lands->commit));
}

forge::new_request request_text(const task& t) {
    const auto& k = t.known;
    forge::new_request out{.branch = branch_of_request(t), .base = k.base_branch, .title = {}, .body = {}};
    const auto subject = subject_of(t.what.instruction);
    const auto kind = k.lands ? k.lands->what : landing::kind::deploy;
    switch (kind) {
    case landing::kind::deploy:
        out.title = subject;
        out.body = fmt::format("Task {} of Persais:\n\n{}\n", t.id.value, quoted(t.what.instruction));
        break;
    case landing::kind::roll_back:
        out.title = fmt::format("Revert \"{}\"", subject);
        out.body = fmt::format("Takes back what task {} of Persais brought with {}.\n", t.id.value, k.lands->commit);
        break;
    case landing::kind::deploy_again:
        out.title = fmt::format("Reapply \"{}\"", subject);
        out.body =
            fmt::format("Brings back what task {} of Persais brought and {} took away.\n", t.id.value, k.lands->commit);
        break;
    }
    // Named as commits name them, without the address.
    if (auto name = t.what.co_author.substr(0, t.what.co_author.find(" <")); !name.empty())
        out.body += fmt::format("\nAsked for by: {}.\n", service::calls_nobody(std::move(name)));
    if (!k.check.command.empty())
        out.body +=
            fmt::format("\nChecks: `{}`{}\n", k.check.command, k.after == check_outcome::green ? ", green" : "");
    if (k.lands)
        out.body += fmt::format(
            "\nApproved by: {}. Merged by Persais, and by it only at the commit that was approved.\n", k.lands->by);
    return out;
}

} // namespace persais::worker
