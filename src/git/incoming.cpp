#include "git/incoming.hpp"

#include "base/told.hpp"
#include "git/explain.hpp"
#include "git/files.hpp"
#include "git/limits.hpp"

#include <cerrno>
#include <fcntl.h>
#include <stdlib.h>
#include <system_error>
#include <unistd.h>

namespace persais::git {

incoming_pack::incoming_pack(const std::filesystem::path& folder) {
    std::string name = (folder / "pack-XXXXXX").string();
    fd_ = ::mkostemp(name.data(), O_CLOEXEC);
    if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "cannot make a file in " + folder.string());
    file_ = name;
}

incoming_pack::~incoming_pack() {
    ::close(fd_);
    ::unlink(file_.c_str());
}

void incoming_pack::add(std::string_view piece) {
    bytes_ += piece.size();
    if (bytes_ > limits::import_bytes) throw overflow{};
    while (!piece.empty()) {
        auto wrote = ::write(fd_, piece.data(), piece.size());
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) throw std::system_error(errno, std::generic_category(), "cannot write " + file_.string());
        piece.remove_prefix(static_cast<std::size_t>(wrote));
    }
}

std::string incoming_pack::content() const {
    return content_of(file_);
}

awaitable<outcome<void>> take_in(layout at, const incoming_pack& pack) {
    auto check = at.on_mirror({"index-pack", "--stdin", "--strict", "--fix-thin"});
    // On a disk that has much else to write, its three fsyncs wait for all of that (decision 0057).
    check.settings.emplace_back("core.fsync=none");
    if (pack.bytes() <= limits::import_piped_bytes)
        check.input = pack.content();
    else
        check.input_file = pack.file().string();
    auto checked = co_await at.run(std::move(check));
    if (!checked.ok()) {
        auto why = explain_local(checked, told<"Taking the work over", "Приём работы">());
        if (why.kind == error_kind::other && checked.how == sandbox::ended::exited) why.kind = error_kind::bad_object;
        co_return std::unexpected(std::move(why));
    }
    co_return outcome<void>{};
}

} // namespace persais::git
