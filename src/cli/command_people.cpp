// `persais people`: who may do what, by an admin's word.
#include "app/doorbell.hpp"
#include "base/random.hpp"
#include "cli/commands.hpp"
#include "cli/on_tasks.hpp"
#include "cli/options.hpp"
#include "cli/people_words.hpp"
#include "cli/terminal.hpp"
#include "cli/tongue.hpp"
#include "queue/tasks.hpp"
#include "service/named_repositories.hpp"
#include "service/people.hpp"

#include <limits>
#include <memory>

#include <boost/json.hpp>
#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace persais::cli {

namespace {

constexpr auto word = "people";
constexpr std::string_view changed_meanwhile = "PX002"; // what was looked at before is another one by now

struct people_request {
    bool json = false;
    std::int64_t person = 0;
    std::string role, repository, code, github, gitlab, gitea;
};

const std::string& me() {
    static const std::string by(queue::terminal);
    return by;
}

std::string nobody(std::int64_t person) {
    return told<"{} has no right here that `persais people` gives; the settings name others.",
                "У {} нет прав, которые даёт `persais people`; остальных называют настройки.">(person);
}

std::string would_be_the_last() {
    return told<"That would leave nobody who decides anything: make somebody else an admin first.",
                "Тогда некому будет решать: сначала сделайте администратором кого-то другого.">();
}

awaitable<int> list(const people_request& what, app::database& db, const config::settings& settings) {
    auto all = co_await queue::team(db.pool());
    if (what.json) {
        for (const auto& each : all)
            if (!put(stdout, json_line(person_json(each)))) break;
    } else {
        put(stdout, people_words(all, settings));
    }
    co_return 0;
}

awaitable<int> invite(const people_request& what, app::database& db, const config::settings& settings) {
    auto code = random_word(16);
    auto where = co_await service::key_of_repository(db.pool(), settings, what.repository);
    if (!where) co_return say(word, where.error().sentence);
    auto role = what.role.empty() && !where->empty() ? std::string(service::name_of(service::role::user)) : what.role;
    co_await db.pool().transact(
        {queue::add_invite(queue::code_digest(code), limits::invite_from_terminal, role, *where)});
    put(stdout, said<"Whoever writes this to the bot first, within {} hours, is let in:\n\n  /start {}\n",
                     "Кто первым напишет это боту в течение {} часов, тот получит доступ:\n\n  /start {}\n">(
                    std::chrono::hours(limits::invite_from_terminal).count(), code));
    co_return 0;
}

awaitable<int> give_role(const people_request& what, app::database& db, const config::settings& settings) {
    auto given = service::role_named(what.role);
    auto where = co_await service::key_of_repository(db.pool(), settings, what.repository, !given);
    if (!where) co_return say(word, where.error().sentence);
    auto may = co_await service::role_change_of(db.pool(), settings, what.person, *where, given);
    if (!may.possible) co_return say(word, may.last_admin ? would_be_the_last() : nobody(what.person));
    auto role = given ? std::optional(what.role) : std::nullopt;
    co_await db.pool().transact({queue::set_role(what.person, *where, role, me(), settings.telegram_admin_ids)});
    app::ring(settings.data);
    auto place = where->empty() ? said<"everywhere", "везде">() : *where;
    put(stdout, given ? said<"{} is {} now: {}.\n", "{}: теперь роль {}, где: {}.\n">(what.person, what.role, place)
                      : said<"The role of {} is taken back: {}.\n", "Роль {} снята, где: {}.\n">(what.person, place));
    co_return 0;
}

awaitable<int> take_out(const people_request& what, app::database& db, const config::settings& settings) {
    auto begun = co_await service::removal_of(db.pool(), settings, what.person);
    if (!begun.has_rights) co_return say(word, nobody(what.person));
    if (begun.last_admin) co_return say(word, would_be_the_last());
    auto done = co_await db.pool().transact({queue::remove_person(what.person, me(), settings.telegram_admin_ids)});
    app::ring(settings.data);
    put(stdout,
        said<"{1} is out: no message of theirs is read, their buttons and approvals count no more. {0} {0:task|tasks} "
             "without a result {0:is|are} aborted; results stay, for admins to decide on.\n",
             "{1}: доступ закрыт, сообщения не читаются, кнопки и одобрения не действуют. Прервано: {0} "
             "{0:задача|задачи|задач} без результата; результаты остаются, решать о них администраторам.\n">(
            number{done.front().number(0, 0)}, what.person));
    if (service::role_of(what.person, settings, {}) != service::role::stranger)
        put(stdout, said<"The settings name them still: take them out of TELEGRAM_ADMIN_IDS and ALLOWED_USER_IDS.\n",
                         "Их ещё называют настройки: уберите их из TELEGRAM_ADMIN_IDS и ALLOWED_USER_IDS.\n">());
    co_return 0;
}

awaitable<int> link(const people_request& what, app::database& db, const config::settings& settings) {
    std::vector<store::statement> all;
    if (!what.code.empty()) all.push_back(queue::use_link_code(queue::code_digest(what.code), {"terminal", me()}));
    const std::vector<queue::identity> names{{"github", what.github}, {"gitlab", what.gitlab}, {"gitea", what.gitea}};
    for (const auto& each : names)
        if (!each.id.empty()) all.push_back(queue::link(what.person, each, me()));
    if (all.empty() || (what.person == 0 && all.size() > (what.code.empty() ? 0U : 1U)))
        co_return say(word, told<"Give the code that the bot's /link shows, or --person with a name at a forge.",
                                 "Укажите код из команды /link бота или --person с именем на хостинге.">());
    bool known = true;
    try {
        co_await db.pool().transact(std::move(all));
    } catch (const store::db_error& e) {
        if (e.sqlstate != changed_meanwhile) throw;
        known = false;
    }
    if (!known)
        co_return say(word, told<"There is no such code any more, or nobody of this number was heard of.",
                                 "Такого кода больше нет, или о человеке с этим номером ничего не известно.">());
    app::ring(settings.data);
    put(stdout, said<"Linked: it is one person from now on.\n", "Связано: теперь это один человек.\n">());
    co_return 0;
}

using work = awaitable<int> (*)(const people_request&, app::database&, const config::settings&);

awaitable<int> guarded(std::shared_ptr<people_request> what, work how, app::database& db,
                       const config::settings& settings) {
    bool changed = false;
    try {
        co_return co_await how(*what, db, settings);
    } catch (const store::db_error& e) {
        changed = e.sqlstate == changed_meanwhile;
        if (!changed) throw;
    }
    co_return say(word, told<"Somebody changed that at the same moment: look again.",
                             "Кто-то изменил это в ту же минуту: посмотрите ещё раз.">());
}

void runs(CLI::App* command, std::shared_ptr<people_request> what, work how, int& exit_code,
          app::database_options::purpose why = app::database_options::purpose::changing) {
    command->callback([what, how, why, &exit_code] {
        exit_code =
            on_tasks({.word = word, .why = why, .work = [what, how](app::database& db, const config::settings& s) {
                          return guarded(what, how, db, s);
                      }});
    });
}

void person_option(CLI::App* command, people_request& what) {
    command->add_option("person", what.person, said<"their number in Telegram", "номер в Telegram">())
        ->required()
        ->check(whole_number(1, std::numeric_limits<std::int64_t>::max()));
}

void repository_option(CLI::App* command, people_request& what) {
    command->add_option("--repo", what.repository,
                        said<"only in this repository, such as team/app; else everywhere",
                             "только в этом репозитории, например team/app; иначе везде">());
}

} // namespace

void add_people(CLI::App& app, int& exit_code) {
    auto what = std::make_shared<people_request>();
    auto* command = app.add_subcommand(word, said<"who may do what: roles, invitations, names elsewhere",
                                                  "кто что может: роли, приглашения, имена в других местах">());
    command->require_subcommand(1);
    auto* shown = command->add_subcommand(
        "list", said<"who has a right that no setting gives", "у кого есть права не из настроек">());
    shown->add_flag("--json", what->json, said<"one JSON object a line", "по объекту JSON на строку">());
    runs(shown, what, list, exit_code, app::database_options::purpose::reading);

    auto* invites = command->add_subcommand(
        "invite", said<"a code that lets one person in", "код, по которому войдёт один человек">());
    invites->add_option("--role", what->role, said<"what they may do there", "что им будет можно">())
        ->check(choice_of({"reader", "member", "deployer", "admin"}));
    repository_option(invites, *what);
    runs(invites, what, invite, exit_code);

    auto* roles = command->add_subcommand(
        "role", said<"give a role, or take it back (none)", "дать роль или забрать её (none)">());
    person_option(roles, *what);
    roles->add_option("role", what->role, said<"what they may do", "что им можно">())
        ->required()
        ->check(choice_of({"reader", "member", "deployer", "admin", "none"}));
    repository_option(roles, *what);
    runs(roles, what, give_role, exit_code);

    auto* out = command->add_subcommand(
        "remove", said<"take all rights away, at once and everywhere", "забрать все права, сразу и везде">());
    person_option(out, *what);
    runs(out, what, take_out, exit_code);

    auto* linked = command->add_subcommand(
        "link", said<"make a person of the chat the one at this terminal, or of a name at a forge",
                     "этот терминал или имя на хостинге — тот же человек, что в чате">());
    linked->add_option("code", what->code, said<"what the bot's /link shows", "код из команды /link бота">());
    linked->add_option("--person", what->person, said<"whose name at a forge it is", "чьё это имя на хостинге">())
        ->check(whole_number(1, std::numeric_limits<std::int64_t>::max()));
    linked->add_option("--github", what->github, said<"the name there", "имя там">());
    linked->add_option("--gitlab", what->gitlab, said<"the name there", "имя там">());
    linked->add_option("--gitea", what->gitea, said<"the name at Gitea or Forgejo", "имя в Gitea или Forgejo">());
    runs(linked, what, link, exit_code);
}

} // namespace persais::cli
