#pragma once
#include "config/dotenv.hpp"
#include "config/settings.hpp"
#include "config/table.hpp"
#include "doctor/env_file.hpp"

namespace persais::doctor {

/// The .env as it will be: its present lines, the environment, and the answers so far. Nothing is written before
/// write().
class draft {
public:
    /// `folder` holds the .env (or will). An error: the file cannot be read, or has lines that are no assignments.
    static result<draft> open(std::filesystem::path folder, config::environment variables);

    /// Whether it is set by an answer, the environment, .env or a NAME_FILE, and its value has the right form.
    bool has(std::string_view name) const;
    /// What is wrong with the present value (the placeholder xxx, say); empty: nothing.
    std::string wrong(std::string_view name) const;
    /// The present value; empty when it is not set or only named by a NAME_FILE.
    std::string value(std::string_view name) const;
    bool answered(std::string_view name) const { return answers_.contains(std::string(name)); }

    /// Takes an answer, and returns what is wrong with it; empty: it is taken. An empty answer removes the setting.
    std::string answer(std::string_view name, std::string value);
    /// Takes an answer back; what .env or the environment says counts again.
    void forget(std::string_view name) { answers_.erase(std::string(name)); }

    /// All settings, with the answers. Wrong values of settings that are still to be asked for (`asked`) are ignored.
    result<config::settings, std::vector<std::string>> settings(const std::vector<std::string_view>& asked) const;

    /// Whether there is anything to write.
    bool changed() const { return !edits().empty(); }
    /// Writes the .env, and returns its path. An error is one sentence; the old file is intact then.
    result<std::filesystem::path> write() const;
    /// Names of answers without effect, because the environment sets the same name.
    std::vector<std::string> overruled() const;

private:
    std::vector<env_edit> edits() const;

    std::filesystem::path file_;
    std::string text_;
    config::dotenv read_;
    config::environment variables_;
    std::map<std::string, std::string> answers_;
};

/// A setting's row. Throws when there is none.
const config::row& row_of(std::string_view name);

} // namespace persais::doctor
