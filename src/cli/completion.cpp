#include "cli/completion.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace persais::cli {

namespace {

std::string escaped(std::string_view text, std::string_view special, std::string_view before) {
    std::string out;
    for (char c : text) {
        if (special.contains(c)) out += before;
        out += c;
    }
    return out;
}

/// For bash and zsh.
std::string sh_quoted(std::string_view text) {
    std::string out = "'";
    for (char c : text)
        out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

std::string fish_quoted(std::string_view text) {
    return fmt::format("'{}'", escaped(text, "\\'", "\\"));
}

/// The table and all below it.
std::vector<const command_row*> all_of(const command_row& from) {
    std::vector<const command_row*> all{&from};
    for (const auto& each : from.below)
        std::ranges::copy(all_of(each), std::back_inserter(all));
    return all;
}

std::string last_word(const std::string& name) {
    return name.substr(name.rfind(' ') + 1);
}

std::vector<std::string> names_below(const command_row& row) {
    std::vector<std::string> names;
    for (const auto& each : row.below)
        names.push_back(last_word(each.name));
    return names;
}

/// The values of a word of a command: `help` and `man` take the name of another command.
std::vector<std::string> values_of(const argument& word, const command_row& table) {
    return word.names.front() == "command" ? names_below(table) : word.words;
}

std::string in_bash(const command_row& table) {
    std::string paths, values, words;
    for (const auto* row : all_of(table)) {
        auto path = row->name.empty() ? "" : " " + row->name;
        if (!row->name.empty()) paths += fmt::format("{}{}", paths.empty() ? "" : "|", sh_quoted(path));
        auto offered = names_below(*row);
        for (const auto& flag : row->flags) {
            std::ranges::copy(flag.names, std::back_inserter(offered));
            for (const auto& name : flag.names)
                if (!flag.takes.empty())
                    values += fmt::format("    {}) offered={} ;;\n", sh_quoted(path + ":" + name),
                                          sh_quoted(fmt::format("{}", fmt::join(flag.words, " "))));
        }
        for (const auto& word : row->positionals)
            std::ranges::copy(values_of(word, table), std::back_inserter(offered));
        words += fmt::format("        {}) offered={} ;;\n", sh_quoted(path),
                             sh_quoted(fmt::format("{}", fmt::join(offered, " "))));
    }
    return fmt::format(R"(# bash completion for persais: source <(persais completion bash)
_persais() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} path= offered= i
    for ((i = 1; i < COMP_CWORD; i++)); do
        case "$path ${{COMP_WORDS[i]}}" in
        {}) path+=" ${{COMP_WORDS[i]}}" ;;
        esac
    done
    case "$path:$before" in
{}    *)
        case "$path" in
{}        esac
        ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$offered" -- "$current")
}}
complete -o default -F _persais persais
)",
                       paths, values, words);
}

std::string zsh_flag(const argument& flag) {
    auto what = escaped(flag.what, "[]:\\", "\\");
    std::string value;
    if (!flag.takes.empty())
        value = flag.words.empty() ? fmt::format(":{}:_files", flag.takes)
                                   : fmt::format(":{}:({})", flag.takes, fmt::join(flag.words, " "));
    std::string out;
    for (const auto& name : flag.names) {
        auto takes = flag.takes.empty() ? "" : name.starts_with("--") ? "=" : "+";
        out += " \\\n        " +
               sh_quoted(fmt::format("({}){}{}[{}]{}", fmt::join(flag.names, " "), name, takes, what, value));
    }
    return out;
}

std::string in_zsh(const command_row& table) {
    std::string functions;
    for (const auto* row : all_of(table)) {
        auto function = "_persais" + (row->name.empty() ? "" : "_" + row->name);
        std::ranges::replace(function, ' ', '_');
        std::string arguments, cases, described;
        for (const auto& flag : row->flags)
            arguments += zsh_flag(flag);
        for (const auto& word : row->positionals)
            arguments += " \\\n        " +
                         sh_quoted(fmt::format(":{}:({})", word.names.front(), fmt::join(values_of(word, table), " ")));
        for (const auto& each : row->below) {
            auto name = last_word(each.name);
            described += fmt::format(" {}", sh_quoted(name + ":" + escaped(each.what, ":\\", "\\")));
            cases += fmt::format("            {}) {}_{} ;;\n", name, function, name);
        }
        if (row->below.empty()) {
            functions += fmt::format("{}() {{\n    _arguments{}\n}}\n", function, arguments);
            continue;
        }
        functions += fmt::format(R"({0}() {{
    local line state
    local -a commands
    commands=({1})
    _arguments -C{2} \
        ':command:->command' '*::word:->rest'
    case $state in
    command) _describe command commands ;;
    rest)
        case $line[1] in
{3}        esac
        ;;
    esac
}}
)",
                                 function, described, arguments, cases);
    }
    return fmt::format(R"(#compdef persais
# zsh completion for persais: source <(persais completion zsh), after compinit
{}if [[ $funcstack[1] == _persais ]]; then
    _persais "$@"
else
    compdef _persais persais
fi
)",
                       functions);
}

std::string in_fish(const command_row& table) {
    std::string paths, lines;
    for (const auto* row : all_of(table)) {
        if (!row->name.empty()) paths += " " + fish_quoted(row->name);
        auto begin = fmt::format("complete -c persais -n \"__persais_at {}\"", fish_quoted(row->name));
        for (const auto& each : row->below)
            lines += fmt::format("{} -f -a {} -d {}\n", begin, last_word(each.name), fish_quoted(each.what));
        for (const auto& word : row->positionals)
            if (auto values = values_of(word, table); !values.empty())
                lines += fmt::format("{} -f -a {}\n", begin, fish_quoted(fmt::format("{}", fmt::join(values, " "))));
        for (const auto& flag : row->flags) {
            lines += begin;
            for (const auto& name : flag.names)
                lines += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
            if (!flag.takes.empty()) lines += " -r";
            if (!flag.words.empty()) lines += " -f -a " + fish_quoted(fmt::format("{}", fmt::join(flag.words, " ")));
            lines += fmt::format(" -d {}\n", fish_quoted(flag.what));
        }
    }
    return fmt::format(R"(# fish completion for persais: persais completion fish | source
function __persais_at
    set -l path
    for word in (commandline -opc)[2..-1]
        if contains -- (string join -- ' ' $path $word){}
            set -a path $word
        end
    end
    test (string join -- ' ' x $path) = (string join -- ' ' x (string split -n ' ' -- $argv[1]))
end
{})",
                       paths, lines);
}

} // namespace

std::string completion(std::string_view shell, const command_row& table) {
    return shell == "bash" ? in_bash(table) : shell == "zsh" ? in_zsh(table) : in_fish(table);
}

} // namespace persais::cli
