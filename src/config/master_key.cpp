#include "config/master_key.hpp"

#include "base/random.hpp"
#include "base/told.hpp"
#include "config/key_file.hpp"

namespace persais::config {

result<secret> master_key(const settings& from) {
    if (!from.persais_master_key.empty()) return from.persais_master_key;
    auto path = from.data / "master.key";
    auto held = key_file(path, [] { return secret(random_word(32)); });
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
