#include "git/whole_objects.hpp"

#include "git/explain.hpp"
#include "git/files.hpp"
#include "git/limits.hpp"
#include "git/said.hpp"

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <vector>

#include <spdlog/spdlog.h>

namespace persais::git {

namespace fs = std::filesystem;

reading read_what(const sandbox::child_result& result) {
    if (result.how != sandbox::ended::exited) return reading::unknown;
    said text(result.error);
    // git goes on as if what it may not read were not there.
    if (text.any({"out of memory", "cannot allocate memory", "too many open files", "permission denied",
                  "input/output error", "structure needs cleaning", "stale file handle"}))
        return reading::unknown;
    if (text.any({"hash mismatch", "unable to unpack"})) return reading::lost; // about which git may exit with 0
    if (result.code == 0) return reading::whole;
    bool lost =
        text.any({"bad object", "bad tree", "bad commit", "bogus commit", "is corrupt", "is empty", "missing blob",
                  "missing tree", "missing commit", "could not read", "unable to read", "failed to traverse parents",
                  "inflate", "pack is corrupted", "cannot open existing pack", "early eof", "sha1 mismatch"});
    return lost ? reading::lost : reading::unknown;
}

namespace {

/// Of a loose object.
std::string id_of(const fs::path& file) {
    return file.parent_path().filename().string() + file.filename().string();
}

struct objects {
    std::vector<fs::path> loose;
    std::vector<fs::path> indexes;                   // of packs, the newest first
    std::map<fs::path, std::vector<fs::path>> packs; // their files, by the name without an extension
};

objects objects_of(const layout& at) {
    objects all;
    auto folder = at.git() / "objects";
    std::map<fs::path, fs::file_time_type> times;
    each_file_below(folder, [&](const fs::path& file) {
        std::error_code ec;
        if (file.parent_path() == folder / "pack") {
            all.packs[fs::path(file).replace_extension()].push_back(file);
            auto time = fs::last_write_time(file, ec);
            if (file.extension() == ".idx" && !ec) times[file] = time; // git sees no pack without one
        }
        if (file.parent_path().parent_path() == folder && is_id(id_of(file))) all.loose.push_back(file);
    });
    for (const auto& [index, time] : times)
        all.indexes.push_back(index);
    std::ranges::sort(all.indexes, std::greater(), [&](const fs::path& index) { return times.at(index); });
    return all;
}

/// Whether a loose object was not written at all. Each begins with the same letter, as zlib writes it.
bool never_written(const fs::path& loose) {
    std::ifstream in(loose, std::ios::binary);
    return in.is_open() && in.get() != 'x';
}

awaitable<outcome<bool>> are_whole(layout at, std::vector<fs::path> indexes) {
    if (indexes.empty()) co_return true;
    auto verify = at.on_mirror({"verify-pack", "--"});
    std::ranges::copy(indexes, std::back_inserter(verify.arguments));
    verify.total = limits::git_network;
    auto verified = co_await at.run(std::move(verify));
    auto found = read_what(verified);
    if (found == reading::unknown) co_return std::unexpected(explain_local(verified, "Looking at the packs"));
    co_return found == reading::whole;
}

awaitable<outcome<bool>> are_readable(layout at, std::vector<fs::path> loose) {
    if (loose.empty()) co_return true;
    auto ask = at.on_mirror({"cat-file", "--batch"});
    for (const auto& file : loose)
        ask.input += id_of(file) + "\n";
    auto read = co_await at.run(std::move(ask));
    auto found = read_what(read);
    if (found == reading::unknown) co_return std::unexpected(explain_local(read, "Looking at the objects"));
    co_return found == reading::whole;
}

} // namespace

awaitable<outcome<bool>> newest_are_whole(layout at) {
    auto all = objects_of(at);
    if (std::ranges::any_of(all.loose, never_written)) co_return false;
    std::uintmax_t bytes = 0;
    auto last = std::ranges::find_if(all.indexes, [&](fs::path index) {
        std::error_code ec;
        auto size = fs::file_size(index.replace_extension(".pack"), ec);
        return !ec && (bytes += size) > limits::newest_packs_bytes;
    });
    all.indexes.erase(last, all.indexes.end());
    co_return co_await are_whole(at, std::move(all.indexes));
}

awaitable<outcome<void>> put_away_broken_objects(layout at) {
    auto all = objects_of(at);
    std::erase_if(all.loose, [](const fs::path& file) { return never_written(file) && fs::remove(file); });
    auto readable = co_await are_readable(at, all.loose);
    if (!readable) co_return std::unexpected(readable.error());
    for (const auto& file : *readable ? std::vector<fs::path>{} : all.loose) {
        auto one = co_await are_readable(at, {file});
        if (!one) co_return std::unexpected(one.error());
        if (!*one) fs::remove(file);
    }
    fs::remove(at.git() / "objects/info/commit-graph"); // which may name what goes; it is written again
    auto broken = at.folder / "broken";
    co_await remove_folder(broken);
    for (const auto& index : all.indexes) {
        auto whole = co_await are_whole(at, {index});
        if (!whole) co_return std::unexpected(whole.error());
        if (*whole) continue;
        spdlog::warn("{} is broken; it is in {} now", index.string(), broken.string());
        make_private_folder(broken);
        for (const auto& file : all.packs[fs::path(index).replace_extension()])
            fs::rename(file, broken / file.filename());
    }
    co_return outcome<void>{};
}

} // namespace persais::git
