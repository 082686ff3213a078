#pragma once
#include "base/result.hpp"
#include "config/redactor.hpp"
#include "queue/support.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace persais::cli {

/// The tar with what is needed to find a fault. Whatever is put into it passes the mask; only its owner may read it.
class support_bundle {
public:
    /// Makes the file, which must not be there. An error is one sentence.
    static result<support_bundle> make(std::filesystem::path file);

    /// From now on this is masked in all that is added.
    void hide(const config::settings& settings) { mask_.add(settings); }
    void hide(const secret& what) { mask_.add(what); }
    /// What a person wrote, and each of its lines.
    void hide_words(std::string_view text);

    /// Puts a file into it. False: it could not be written, which end() explains.
    bool add(std::string_view name, std::string_view content);
    result<void> end();
    const std::filesystem::path& path() const { return file_; }

private:
    support_bundle(std::filesystem::path file, int descriptor) : file_(std::move(file)), out_(descriptor) {}
    bool write(std::string_view bytes);

    std::filesystem::path file_;
    int out_;
    bool broken_ = false;
    config::redactor mask_;
};

/// The last bytes of a file, from the beginning of a line on; an error is one sentence.
result<std::string> tail_of(const std::filesystem::path& file, std::size_t most);

} // namespace persais::cli
