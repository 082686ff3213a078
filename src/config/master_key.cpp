#include "config/master_key.hpp"

#include "base/random.hpp"
#include "base/told.hpp"
#include "config/key_file.hpp"
#include "config/reading.hpp"

#include <algorithm>

namespace persais::config {

namespace {

secret made_key() {
    return secret(random_word(32));
}

} // namespace

std::filesystem::path master_key_file(const settings& from) {
    return from.data / "master.key";
}

result<secret> new_master_key(const std::filesystem::path& file, const std::optional<secret>& key) {
    auto held = key_file(file, [&] { return key.value_or(made_key()); });
    if (held && !held->key.empty()) return held->key;
    return fail(told<"A new master key cannot be read from {} or written there: {}",
                     "Новый мастер-ключ не удаётся прочитать из {} или записать туда: {}">(
        file.string(), held ? told<"it is empty", "он пуст">() : held.error()));
}

std::string wrong_master_key(const secret& key) {
    auto row = std::ranges::find(table(), "PERSAIS_MASTER_KEY", &config::row::name);
    return wrong_with(*row, key);
}

result<secret> master_key(const settings& from) {
    if (!from.persais_master_key.empty()) return from.persais_master_key;
    auto path = master_key_file(from);
    auto held = key_file(path, made_key);
    if (!held)
        return fail(
            told<"The key that seals secrets cannot be read from {} or written there: {} (PERSAIS_DATA names the "
                 "folder, PERSAIS_MASTER_KEY another key).",
                 "Ключ, которым шифруются секреты, не удаётся прочитать из {} или записать туда: {} (папку "
                 "задаёт PERSAIS_DATA, другой ключ — PERSAIS_MASTER_KEY).">(path.string(), held.error()));
    if (held->key.empty())
        return fail(told<"The key that seals secrets, {}, is empty: put your copy of it there, or remove the "
                         "file and give the secrets anew.",
                         "Ключ, которым шифруются секреты, {}, пуст: положите туда его копию или удалите файл и "
                         "задайте секреты заново.">(path.string()));
    return held->key;
}

} // namespace persais::config
