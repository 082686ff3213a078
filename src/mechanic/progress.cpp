#include "mechanic/progress.hpp"

#include "base/told.hpp"

#include <algorithm>
#include <array>

namespace persais::mechanic {

namespace {

/// In the order of the kinds.
constexpr std::array<std::string_view, static_cast<std::size_t>(progress::kind::other) + 1> names{
    "fetching",          "receiving",          "check_found",       "no_check_found",
    "agent_started",     "reading_repository", "no_repository_map", "asking_model",
    "waiting_for_model", "model_retry",        "opening",           "editing",
    "edit_rejected",     "answer_broke_off",   "agent_repairs",     "left_out",
    "lfs_left_out",      "setting_up",         "setup_given_up",    "host_denied",
    "checking_base",     "checking",           "history_cut",       "large_copies",
    "pushing",           "watching",           "requesting",        "other"};

} // namespace

std::string_view name_of(progress::kind what) {
    return names.at(static_cast<std::size_t>(what));
}

std::optional<progress::kind> progress_kind_from(std::string_view name) {
    const auto* found = std::ranges::find(names, name);
    if (found == names.end()) return std::nullopt;
    return static_cast<progress::kind>(found - names.begin());
}

std::string to_string(const progress& p) {
    using enum progress::kind;
    switch (p.what) {
    case fetching:
        return told<"fetching {}", "загружаю {}">(p.subject);
    case receiving:
        return p.subject;
    case check_found:
        return told<"the checks: {}", "проверки: {}">(p.subject);
    case no_check_found:
        return told<"no check command was given or found", "команда проверки не задана и не найдена">();
    case agent_started:
        return told<"the agent is reading", "агент читает">();
    case reading_repository:
        return told<"reading the repository", "агент читает репозиторий">();
    case no_repository_map:
        return told<"{}; the model gets file names instead", "{}; вместо карты модель получит имена файлов">(p.subject);
    case asking_model:
        return told<"asking the model", "агент обращается к модели">();
    case waiting_for_model:
        return told<"waiting for the model", "жду ответа модели">();
    case model_retry:
        return p.subject;
    case opening:
        return told<"opening {}", "агент открывает {}">(p.subject);
    case editing:
        return told<"editing {}", "агент правит {}">(p.subject);
    case edit_rejected:
        return told<"the edit could not be applied; asking again",
                    "правку не удалось применить, агент просит модель ещё раз">();
    case answer_broke_off:
        return told<"the answer broke off; asking again", "ответ оборвался, агент просит модель ещё раз">();
    case agent_repairs:
        return told<"the agent repairs, round {}", "агент исправляет, раз {}">(p.subject);
    case left_out:
        return told<"left out, for it is a repository of its own: {}",
                    "не войдёт в изменение, потому что это отдельный репозиторий: {}">(p.subject);
    case lfs_left_out:
        return told<"left out, for it is in LFS and nothing uploads it: {}",
                    "не войдёт в изменение, потому что это файл из LFS, а в LFS ничего не загружается: {}">(p.subject);
    case setting_up:
        return told<"setting up: {}", "подготовка к проверкам: {}">(p.subject);
    case setup_given_up:
        return told<"the guessed setup failed, going on without it: {}",
                    "подготовка, подобранная автоматически, не удалась, дальше без неё: {}">(p.subject);
    case host_denied:
        return told<"setup may not reach {}; SETUP_HOSTS, or setup_hosts in .persais.toml, allows hosts",
                    "подготовке нельзя обращаться к {}; хосты разрешает SETUP_HOSTS или setup_hosts в .persais.toml">(
            p.subject);
    case checking_base:
        return told<"checking the base: {}", "проверки до изменения: {}">(p.subject);
    case checking:
        return told<"checking: {}", "проверки: {}">(p.subject);
    case history_cut:
        return told<"the base branch's history is too large to be given whole: setup and checks see its newest {} "
                    "commits; CHECKOUT_DEPTH, or depth in .persais.toml, sets another number",
                    "история основной ветки слишком велика: подготовке и проверкам видны только последние коммиты "
                    "({}); другое число задаёт CHECKOUT_DEPTH или depth в .persais.toml">(p.subject);
    case large_copies:
        return told<"setup left {}, which each run of the checks copies",
                    "после подготовки осталось {}, каждый запуск проверок копирует это">(p.subject);
    case pushing:
        return told<"pushing {}", "отправляю ветку {}">(p.subject);
    case watching:
        return told<"looking whether it is healthy: {}", "смотрю, работает ли: {}">(p.subject);
    case requesting:
        return told<"at the forge: {}", "на хостинге: {}">(p.subject);
    case other:
        break;
    }
    return p.subject;
}

} // namespace persais::mechanic
