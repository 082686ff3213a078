#include "config/backup_key.hpp"

#include "base/age_key.hpp"
#include "base/told.hpp"

namespace persais::config {

std::filesystem::path backup_key_file(const settings& from) {
    return from.data / "backup.key";
}

result<key_in_file> backup_key(const settings& from) {
    if (!from.backup_key.empty()) return key_in_file{from.backup_key};
    auto path = backup_key_file(from);
    auto held = key_file(path, make_age_key);
    if (!held)
        return fail(told<"The key that encrypts backups cannot be read from {} or written there: {} (BACKUP_KEY is "
                         "another one).",
                         "Ключ, которым шифруются резервные копии, не удаётся прочитать из {} или записать туда: {} "
                         "(другой ключ задаёт BACKUP_KEY).">(path.string(), held.error()));
    if (!age_key_bytes(held->key))
        return fail(
            told<"The key that encrypts backups, {}, is no age key: put your copy of it there, or remove the file, "
                 "and a new key is made.",
                 "Ключ, которым шифруются резервные копии, {}, — не ключ age: положите туда его копию или "
                 "удалите файл, и будет создан новый.">(path.string()));
    return held;
}

} // namespace persais::config
