#pragma once
#include "backup/place.hpp"

namespace persais::backup {

/// A folder of this machine, made when it is missing.
class folder_place final : public place {
public:
    explicit folder_place(std::filesystem::path folder) : folder_(std::move(folder)) {}
    awaitable<result<std::vector<stored>>> list() override;
    awaitable<result<void>> put(std::filesystem::path file, std::string name) override;
    awaitable<result<void>> get(std::string name, std::filesystem::path to) override;
    awaitable<result<void>> remove(std::string name) override;
    std::string shown() const override { return folder_.string(); }

private:
    std::filesystem::path folder_;
};

} // namespace persais::backup
