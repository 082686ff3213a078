#include "app/doorbell.hpp"
#include "app/sealed_messages.hpp"
#include "base/random.hpp"
#include "base/text.hpp"
#include "cli/given_secret.hpp"
#include "cli/on_tasks.hpp"
#include "cli/secret.hpp"
#include "cli/terminal.hpp"
#include "cli/tongue.hpp"
#include "config/master_key.hpp"
#include "queue/tasks.hpp"

namespace persais::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view word = "secret";

void say_closed(const service::resealed& done) {
    for (const auto& each : done.closed)
        say(word, told<"Neither key opens {}: give it again.", "Ни один из ключей не открывает: {}. Задайте заново.">(
                      text::printable(each)));
}

std::string count_words(const service::resealed& done) {
    return said<"{} sealed with the new key.\n", "Зашифровано новым ключом: {}.\n">(done.done);
}

/// The new key where no file is named for it by the settings. It stands beside the old one until it takes its place, so
/// that a change which was cut off goes on with the same.
fs::path fresh_file(const config::settings& settings) {
    return config::master_key_file(settings).string() + ".new";
}

/// The new key takes the place of the old one. Empty: done; else why not.
std::string put_in_place(const config::settings& settings) {
    std::error_code ec;
    fs::rename(fresh_file(settings), config::master_key_file(settings), ec);
    return ec ? ec.message() : "";
}

/// What is to be done next, which depends on where the key comes from.
int say_next(const service::master_keys& keys, const config::settings& settings, bool given) {
    if (!keys.arrived() && settings.persais_master_key.empty()) {
        if (given) {
            put(stdout,
                said<"Put the new key into {} of every machine.\n", "Запишите новый ключ в {} на каждой машине.\n">(
                    config::master_key_file(settings).string()));
        } else if (auto why = put_in_place(settings); !why.empty()) {
            return say(
                word,
                told<"The new key, {}, could not be put in the place of the old one: {}",
                     "Новый ключ {} не удалось поставить на место старого: {}">(fresh_file(settings).string(), why),
                3);
        } else {
            put(stdout,
                said<"The new key is in {}, and the old one nowhere any more. Where other machines share this "
                     "database, copy it there.\n",
                     "Новый ключ лежит в {}, старого больше нигде нет. Если с этой базой данных работают и другие "
                     "машины, скопируйте его туда.\n">(config::master_key_file(settings).string()));
        }
    } else if (!keys.arrived()) {
        put(stdout, given ? said<"Put the new key into PERSAIS_MASTER_KEY of every service.\n",
                                 "Задайте новый ключ в PERSAIS_MASTER_KEY каждому сервису.\n">()
                          : said<"Put the new key, which is in {}, into PERSAIS_MASTER_KEY of every service.\n",
                                 "Задайте новый ключ из {} в PERSAIS_MASTER_KEY каждому сервису.\n">(
                                fresh_file(settings).string()));
    }
    put(stdout,
        said<"Both keys open everything until `persais secret reseal --finish`, which is for when every service has "
             "the new one.\n",
             "Оба ключа открывают всё до `persais secret reseal --finish`; это — когда новый есть у всех "
             "сервисов.\n">());
    return 0;
}

awaitable<int> finish(app::database& db, const config::settings& settings) {
    auto done =
        co_await service::end_key_change(db.pool(), settings, app::all_sealed_kinds(), std::string(queue::terminal));
    if (!done) co_return say(word, done.error().sentence);
    say_closed(*done);
    std::error_code ignored;
    fs::remove(fresh_file(settings), ignored);
    app::ring(settings.data);
    put(stdout,
        said<"The change of the master key is done: the old key opens nothing here any more. Backups from before need "
             "it still.\n",
             "Смена мастер-ключа завершена: старый ключ больше ничего здесь не открывает. Прежним резервным копиям "
             "он ещё нужен.\n">());
    co_return 0;
}

} // namespace

awaitable<int> secret_reseal(const secret_request& what, app::database& db, const config::settings& settings) {
    if (what.finish) co_return co_await finish(db, settings);
    auto under_way = co_await service::read_master_keys(db.pool(), settings);
    if (!under_way) co_return say(word, in_tongue(under_way.error()), 3);
    secret fresh;
    if (what.from_stdin) {
        auto given = given_secret(word, "-", "");
        if (!given) co_return given.error();
        if (auto wrong = config::wrong_master_key(*given); !wrong.empty())
            co_return say(word, told<"The new master key {}.", "Новый мастер-ключ: {}.">(wrong));
        fresh = std::move(*given);
    } else if (!under_way->next) {
        auto made = config::new_master_key(fresh_file(settings));
        if (!made) co_return say(word, in_tongue(made.error()), 3);
        fresh = std::move(*made);
    }
    auto keys = co_await service::begin_key_change(db.pool(), settings, fresh);
    if (!keys) co_return say(word, keys.error().sentence);
    if (what.from_stdin && !(*keys->next == fresh))
        co_return say(word, told<"A change to another key is under way: `persais secret reseal` goes on with it.",
                                 "Уже идёт смена на другой ключ: её продолжит `persais secret reseal`.">());
    auto done = co_await service::reseal(db.pool(), *keys, app::all_sealed_kinds());
    say_closed(done);
    put(stdout, count_words(done));
    if (!what.from_stdin && !keys->arrived()) { // a change that was cut off may have lost its file
        auto held = config::new_master_key(fresh_file(settings), *keys->next);
        if (!held) co_return say(word, in_tongue(held.error()), 3);
        if (!(*held == *keys->next))
            co_return say(word, told<"{} holds another key than the change that is under way: move it away.",
                                     "В {} лежит не тот ключ, на который идёт смена: уберите этот файл.">(
                                    fresh_file(settings).string()));
    }
    co_return say_next(*keys, settings, what.from_stdin);
}

} // namespace persais::cli
