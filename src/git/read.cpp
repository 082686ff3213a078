// Reading from the mirror takes no lock, because nothing is written.
#include "base/told.hpp"
#include "git/changes.hpp"
#include "git/explain.hpp"

#include <charconv>
#include <memory>

#include <fmt/format.h>

namespace persais::git {

awaitable<outcome<bool>> mirror::has(commit_id commit) {
    if (!is_id(commit)) co_return false;
    layout at{folder_};
    auto ask = at.on_mirror({"cat-file", "--batch-check"});
    ask.input = commit + "^{commit}\n";
    auto result = co_await at.run(std::move(ask));
    if (!result.ok()) co_return std::unexpected(explain_local(result, "Looking for the commit"));
    co_return !result.output.ends_with(" missing\n");
}

awaitable<outcome<std::optional<std::string>>> mirror::file(commit_id commit, std::string path, std::size_t most) {
    layout at{folder_};
    auto listed = co_await at.run(at.on_mirror({"ls-tree", "-z", "-l", commit, "--", path}));
    if (!listed.ok()) co_return std::unexpected(explain_local(listed, "Reading " + path));
    // The form is "100644 blob <id>    <size>\t<path>"; a folder or a symbolic link is not a file.
    std::string_view line = listed.output;
    auto tab = line.find('\t');
    if (!line.starts_with("100") || tab == std::string_view::npos || line.substr(tab + 1, path.size()) != path)
        co_return std::nullopt;
    auto id = first_word(line.substr(12));
    auto number = line.substr(0, tab).find_last_of(' ') + 1;
    std::size_t size = 0;
    std::from_chars(line.data() + number, line.data() + tab, size);
    if (size > most)
        co_return std::unexpected(failure{
            error_kind::too_large,
            told<"{} has {} bytes; at most {} are read.", "В {} {} байт, а читается не больше {}.">(path, size, most)});
    auto read = at.on_mirror({"cat-file", "blob", id});
    read.keep_output = most;
    auto content = co_await at.run(std::move(read));
    if (!content.ok()) co_return std::unexpected(explain_local(content, "Reading " + path));
    co_return std::move(content.output);
}

awaitable<outcome<std::vector<std::string>>> mirror::names_in(commit_id commit, std::string folder) {
    layout at{folder_};
    auto listed = co_await at.run(at.on_mirror({"ls-tree", "-z", "--name-only", commit + ":" + folder}));
    if (!listed.ok()) co_return std::unexpected(explain_local(listed, "Listing the repository"));
    std::vector<std::string> names;
    for (auto name : pieces(listed.output, '\0'))
        names.emplace_back(name);
    co_return names;
}

awaitable<outcome<std::set<std::string>>> mirror::contents_among(commit_id commit, std::set<std::string> ids) {
    if (ids.empty()) co_return ids;
    layout at{folder_};
    auto list = at.on_mirror({"ls-tree", "-r", "--object-only", commit});
    std::set<std::string> found;
    std::string line;
    list.on_output = [&](std::string_view piece) { // no list of a large repository is kept
        for (char c : piece)
            if (c != '\n')
                line += c;
            else if (auto id = std::exchange(line, {}); ids.contains(id))
                found.insert(std::move(id));
    };
    list.keep_output = 4096; // of what goes wrong
    auto listed = co_await at.run(std::move(list));
    if (!listed.ok()) co_return std::unexpected(explain_local(listed, "Listing the repository"));
    co_return found;
}

awaitable<outcome<diff_stat>> mirror::stat(commit_id base, commit_id commit) {
    co_return co_await count_changes(layout{folder_}, std::move(base), std::move(commit));
}

awaitable<outcome<std::string>> mirror::diff(commit_id base, commit_id commit, std::size_t most, bool colour) {
    layout at{folder_};
    auto ask =
        diff_command(at, "diff", {"--find-renames", colour ? "--color=always" : "--no-color", base, commit, "--"});
    // run_child keeps the newest bytes, but of a diff the first bytes are needed.
    auto first = std::make_shared<std::string>();
    ask.on_output = [first, most](std::string_view piece) {
        if (first->size() <= most) first->append(piece.substr(0, most + 1 - first->size()));
    };
    ask.keep_output = 1;
    auto result = co_await at.run(std::move(ask));
    if (!result.ok()) co_return std::unexpected(explain_local(result, "Making the diff"));
    if (first->size() > most) {
        auto line = first->rfind('\n', most > 0 ? most - 1 : 0);
        first->resize(line == std::string::npos ? most : line + 1);
    }
    co_return std::move(*first);
}

} // namespace persais::git
