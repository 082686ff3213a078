#include "cli/examples.hpp"

#include "cli/tongue.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace persais::cli {

namespace {

constexpr std::array all{
    example{"init", "init", "asks for what is missing, tries each answer, writes .env here",
            "спросит недостающее, проверит каждый ответ, запишет .env здесь"},
    example{"init", "init --yes --no-test", "asks nothing and tries nothing: for a script",
            "ничего не спросит и не проверит: для скрипта"},
    example{"doctor", "doctor", "tries all that is set: model, remote, database, sandbox",
            "проверит всё, что задано: модель, репозиторий, базу данных, песочницу"},
    example{"doctor", "doctor --offline", "only what is on this machine, and the database",
            "только то, что есть на этой машине, и базу данных"},
    example{"demo", "demo", "a change from beginning to end, without a key or a repository",
            "изменение от начала до конца, без ключа и репозитория"},
    example{"config check", "config check", "every setting and where its value comes from",
            "каждая настройка и откуда взято её значение"},
    example{"run", "run \"make the parser accept empty input\"", "in a checkout: its remote is the repository",
            "в рабочей копии: репозиторий — её удалённый"},
    example{"run", "run --repo https://github.com/you/project --check \"pytest -q\" \"mend the login\"",
            "another repository, and how to check it", "другой репозиторий и команда его проверки"},
    example{"run", "run --detach \"mend the login\"", "the service does it; the number of the task is printed",
            "сделает сервис; будет выведен номер задачи"},
    example{"run", "run --resume 17", "goes on with task 17 after a crash", "продолжит задачу 17 после сбоя"},
    example{"run", "run --from-answer 18", "makes the change that the answer to question 18 proposes",
            "сделает изменение, предложенное в ответе на вопрос 18"},
    example{"ask", "ask \"why does the login need two requests?\"", "answered; nothing is changed",
            "будет ответ; ничего не изменится"},
    example{"reply", "reply 17 \"and add a test for it\"", "one more commit on the branch of task 17",
            "ещё один коммит в ветке задачи 17"},
    example{"retry", "retry 17", "gives task 17 again, with the settings of today",
            "повторит задачу 17 с нынешними настройками"},
    example{"tasks", "tasks", "those under way, in review, or ended within a day",
            "выполняемые, с результатом и законченные за сутки"},
    example{"tasks", "tasks --state waiting", "only those of which STATE says this",
            "только задачи с таким состоянием"},
    example{"tasks", "tasks --all -n 100 --json", "for a program", "для программы"},
    example{"show", "show", "the newest task", "самая новая задача"},
    example{"show", "show 17", "task 17", "задача 17"},
    example{"diff", "diff 17", "what task 17 changed", "что изменила задача 17"},
    example{"diff", "diff 17 --stat", "which files, and how much of each", "какие файлы и насколько"},
    example{"log", "log --follow", "what the newest task does, until it has ended",
            "что делает самая новая задача, пока не закончится"},
    example{"repo add", "repo add https://github.com/team/app --check \"pytest -q\"", "it is tried, and is team/app",
            "проверит его и назовёт team/app"},
    example{"repo list", "repo list", "every repository beside GIT_REMOTE_URL",
            "все репозитории, кроме GIT_REMOTE_URL"},
    example{"repo show", "repo show team/app", "what is set for team/app", "что задано для team/app"},
    example{"repo unset", "repo unset team/app protect", "only .persais.toml protects files now",
            "теперь файлы защищает только .persais.toml"},
    example{"repo remove", "repo remove team/app", "forgets it, with its settings and secrets",
            "уберёт его вместе с настройками и секретами"},
    example{"repo set", "repo set team/app protect \"deploy/,*.pem\"", "no task changes these files",
            "ни одна задача не изменит эти файлы"},
    example{"repo token", "repo token team/app --file token.txt", "the token is for team/app alone",
            "токен только для team/app"},
    example{"repo env", "repo env team/app set DB_PASSWORD", "asks for the value, and stores it sealed",
            "спросит значение и сохранит зашифрованным"},
    example{"audit", "audit", "who deployed and rolled back what", "кто что выложил и откатил"},
    example{"audit", "audit 17 --json", "of task 17 alone, for a program", "только задача 17, для программы"},
    example{"status", "status", "what is under way, and which task is being deployed",
            "что выполняется и какая задача выкладывается"},
    example{"backup", "backup", "to BACKUP_URL, encrypted, and restored for a trial",
            "в BACKUP_URL, зашифрованно, с пробным восстановлением"},
    example{"backup", "backup --to /mnt/usb", "to a folder", "в папку"},
    example{"restore", "restore", "the backups that there are", "имеющиеся резервные копии"},
    example{"restore", "restore newest", "the newest one, into an empty database", "самая новая, в пустую базу данных"},
    example{"deploy", "deploy 17", "shows what task 17 would bring onto the base branch, asks, and does it",
            "покажет, что задача 17 внесёт в основную ветку, спросит и сделает"},
    example{"rollback", "rollback", "takes what was deployed last back", "откатит то, что выложено последним"},
    example{"export", "export everything", "all tables as JSON Lines in a new folder; schema.json describes them",
            "все таблицы как JSON Lines в новой папке; описание — schema.json"},
    example{"discard", "discard 17", "shows what task 17 has, asks, and puts it away",
            "покажет результат задачи 17, спросит и отклонит его"},
    example{"undiscard", "undiscard 17", "task 17 has its result again", "у задачи 17 снова есть результат"},
    example{"push", "push 17", "pushes what task 17 holds because it looks as if it had a credential",
            "отправит то, что задача 17 удерживает из-за похожего на секрет"},
    example{"abort", "abort 17", "ends task 17", "прервёт задачу 17"},
    example{"budget", "budget 17 5", "task 17 may spend $5.00 in all", "задача 17 сможет потратить всего $5.00"},
    example{"budget", "budget", "what is left today and this month", "что осталось на день и на месяц"},
    example{"budget set", "budget set --repo team/app --day 5 --month 50", "at most $5 a day and $50 a month for it",
            "на него не больше $5 в день и $50 в месяц"},
    example{"budget set", "budget set --person 11 --day 2 --waiting 5", "person 11: $2 a day, five tasks waiting",
            "человек 11: $2 в день, пять ждущих задач"},
    example{"budget drop", "budget drop --repo team/app", "only the others' budgets count again",
            "снова считаются только остальные бюджеты"},
    example{"costs", "costs --by repository --since 2026-11-01", "what each repository cost since then",
            "сколько стоил каждый репозиторий с этого дня"},
    example{"costs", "costs --by person --csv", "for a spreadsheet, with all digits", "для таблицы, со всеми цифрами"},
    example{"pause", "pause", "nothing is spent from now on", "с этой минуты ничего не тратится"},
    example{"resume", "resume", "spending goes on", "расходы возобновлены"},
    example{"people list", "people list", "who may do what", "кто что может"},
    example{"people invite", "people invite --role reader --repo team/app", "a code for somebody who only looks",
            "код для того, кто только смотрит"},
    example{"people role", "people role 11 deployer --repo team/app", "person 11 lands results there",
            "человек 11 выкладывает там результаты"},
    example{"people remove", "people remove 11", "person 11 is out, at once and everywhere",
            "у человека 11 больше нет прав, сразу и везде"},
    example{"people link", "people link k7pm2vq4n8rt6wxz", "the code that the bot's /link showed",
            "код, который показал /link бота"},
    example{"people link", "people link --person 11 --github ann-lee", "ann-lee at GitHub is person 11",
            "ann-lee на GitHub — человек 11"},
    example{"secret set", "secret set OPENROUTER_API_KEY", "asks for it, tries it, and every service uses it at once",
            "спросит его, проверит, и его сразу возьмут все сервисы"},
    example{"secret set", "secret set GIT_ACCESS_TOKEN --from-stdin", "for a script, which writes it there",
            "для скрипта, который его туда пишет"},
    example{"secret unset", "secret unset GIT_ACCESS_TOKEN", "its file or the environment counts again",
            "снова считается его файл или окружение"},
    example{"secret list", "secret list", "where each secret comes from, and no value",
            "откуда взят каждый секрет, без значений"},
    example{"secret reseal", "secret reseal", "seals everything with a new master key, which is put beside the old one",
            "зашифрует всё новым мастер-ключом, который будет лежать рядом со старым"},
    example{"secret reseal", "secret reseal --finish", "when every service has the new one",
            "когда новый есть у всех сервисов"},
    example{"second-factor set-up", "second-factor set-up", "for deploys from this terminal",
            "для выкладки из этого терминала"},
    example{"second-factor reset", "second-factor reset 11", "person 11 lost theirs", "человек 11 потерял свой"},
    example{"serve", "serve", "until Ctrl-C; /health on PORT", "до Ctrl-C; /health на порту PORT"},
    example{"help", "help run", "what `persais run` takes", "как пользоваться `persais run`"},
    example{"man", "man run", "the manual of `persais run`", "руководство по `persais run`"},
    example{"completion", "completion bash", "the words for bash: source <(persais completion bash)",
            "подсказки для bash: source <(persais completion bash)"},
    example{"completion", "completion fish", "for fish: persais completion fish | source",
            "для fish: persais completion fish | source"},
    example{"version", "version", "the version of this program", "версия программы"},
};

} // namespace

std::span<const example> examples() {
    return all;
}

std::string examples_of(std::string_view command) {
    std::string out;
    for (const auto& each : all)
        if (each.command == command)
            out += fmt::format("  persais {}\n      {}\n", each.line,
                               tongue() == i18n::language::ru ? each.russian : each.english);
    return out;
}

} // namespace persais::cli
