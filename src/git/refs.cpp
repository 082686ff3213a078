#include "git/refs.hpp"

#include "base/told.hpp"
#include "git/explain.hpp"
#include "git/limits.hpp"

#include <fmt/format.h>

namespace persais::git {

namespace {
constexpr std::string_view heads = "refs/heads/";
constexpr std::string_view tags = "refs/tags/";
} // namespace

remote_refs parse_ls_remote(std::string_view output) {
    remote_refs refs;
    std::optional<std::string> named;
    for (auto line : pieces(output, '\n')) {
        auto tab = line.find('\t');
        if (tab == std::string_view::npos) continue;
        auto value = line.substr(0, tab);
        auto name = line.substr(tab + 1);
        if (name == "HEAD" && value.starts_with("ref: refs/heads/"))
            named = value.substr(5 + heads.size());
        else if (name.starts_with(heads) && is_id(value))
            refs.branches[std::string(name.substr(heads.size()))] = value;
        else if (name.starts_with(tags) && is_id(value) && !name.ends_with("^{}")) // that is what the tag names
            (*refs.tags)[std::string(name.substr(tags.size()))] = value;
    }
    if (named && refs.branches.contains(*named)) refs.head = named;
    return refs;
}

awaitable<outcome<remote_refs>> read_remote(layout at, address to, remote where, std::optional<std::string> only) {
    std::vector<std::string> arguments{"ls-remote", "--symref"};
    if (to.local()) arguments.push_back("--upload-pack=" + far_end("upload-pack"));
    arguments.insert(arguments.end(), {"--", to.url});
    if (only)
        arguments.push_back("refs/heads/" + *only);
    else
        arguments.insert(arguments.end(), {"HEAD", "refs/heads/*", "refs/tags/*"});
    auto ask = at.on_remote(to, where, arguments);
    ask.total = limits::git_read_remote;
    auto result = co_await at.run(std::move(ask));
    bool cut = result.ok() && result.output_cut && !only;
    if (cut) {
        arguments.pop_back();
        ask = at.on_remote(to, where, std::move(arguments));
        ask.total = limits::git_read_remote;
        result = co_await at.run(std::move(ask));
    }
    if (!result.ok())
        co_return std::unexpected(
            co_await at.explain(std::move(result), std::move(to), std::move(where), doing::reading));
    if (result.output_cut)
        co_return std::unexpected(
            failure{error_kind::other, told<"{} has more branches than fit into a list of "
                                            "{} MiB: delete some that nobody needs.",
                                            "На {} больше веток, чем помещается в список на {} МиБ: удалите ненужные.">(
                                           to.shown, limits::git_output_bytes >> 20)});
    auto refs = parse_ls_remote(result.output);
    if (cut) refs.tags.reset();
    co_return refs;
}

awaitable<remote_refs> read_mirror(layout at) {
    auto result = co_await at.run(
        at.on_mirror({"for-each-ref", "--format=%(objectname)\t%(refname)", "refs/heads", "refs/tags"}));
    co_return parse_ls_remote(result.output);
}

} // namespace persais::git
