#include "backup/work.hpp"

#include "base/told.hpp"
#include "git/layout.hpp"

namespace persais::backup {

namespace fs = std::filesystem;

namespace {

std::string said_by(const sandbox::child_result& ended) {
    auto text = ended.error.substr(0, limits::git_words_bytes);
    while (text.ends_with('\n'))
        text.pop_back();
    return text;
}

} // namespace

awaitable<result<bool>> save_work(fs::path mirrors, git::remote where, fs::path to) {
    git::layout at{git::mirror(std::move(mirrors), where).folder()};
    std::error_code ec;
    if (!fs::exists(at.git(), ec)) co_return false;
    const std::vector<std::string> only_here{"--glob=refs/persais/tasks/*", "--not", "--branches"};
    auto arguments = only_here;
    arguments.insert(arguments.begin(), {"rev-list", "--max-count=1"});
    auto any = co_await at.run(at.on_mirror(arguments));
    if (any.ok() && any.output.empty()) co_return false;
    arguments = only_here;
    arguments.insert(arguments.begin(), {"bundle", "create", "--quiet", to.string()});
    auto made = any.ok() ? co_await at.run(at.on_mirror(arguments)) : any;
    if (!made.ok())
        co_return fail(told<"Work that is not pushed yet could not be saved from {}: {}",
                            "Неотправленную работу не удалось сохранить из {}: {}">(where.url, said_by(made)));
    co_return true;
}

awaitable<result<void>> bring_work_back(fs::path mirrors, git::remote where, fs::path from) {
    git::mirror mirror(std::move(mirrors), where);
    if (auto ok = co_await mirror.refresh(); !ok) co_return fail(ok.error().sentence);
    git::layout at{mirror.folder()};
    auto fetch = at.on_mirror({"fetch", "--no-tags", "--no-write-fetch-head", "--quiet", "--", from.string(),
                               "refs/persais/tasks/*:refs/persais/tasks/*"});
    fetch.protocols = "file";
    if (auto done = co_await at.run(std::move(fetch)); !done.ok())
        co_return fail(told<"Work that was not pushed could not be brought back for {}: {}",
                            "Неотправленную работу не удалось вернуть для {}: {}">(where.url, said_by(done)));
    co_return result<void>{};
}

} // namespace persais::backup
