#include "cli/discard.hpp"

#include "base/text.hpp"
#include "cli/tongue.hpp"

#include <fmt/format.h>

namespace persais::cli {

using mechanic::branch_seen;

std::string branch_stays(const mechanic::task& t) {
    auto remote = text::printable(t.what.remote);
    switch (seen_of_branch(t)) {
    case branch_seen::ours:
        return said<"Its branch {0} stays at {1}; `git push {1} --delete {0}` removes it.\n",
                    "Её ветка {0} остаётся на {1}; удалить её можно командой `git push {1} --delete {0}`.\n">(
            t.known.branch, remote);
    case branch_seen::unknown:
        return said<"Whether its branch {0} is at {1} is not known; `git push {1} --delete {0}` removes it.\n",
                    "Есть ли на {1} её ветка {0}, неизвестно; удалить её можно командой `git push {1} --delete "
                    "{0}`.\n">(t.known.branch, remote);
    case branch_seen::nothing:
    case branch_seen::not_ours:
        break;
    }
    return "";
}

std::string discarded_words(const mechanic::task& t) {
    return said<"The result of task {0} is discarded; `persais undiscard {0}` takes it up again.\n{1}",
                "Результат задачи {0} отклонён; вернуть его: `persais undiscard {0}`.\n{1}">(t.id.value,
                                                                                             branch_stays(t));
}

} // namespace persais::cli
