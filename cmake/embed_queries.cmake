# Turns sql/queries/FOLDER/NAME.sql into constants queries::NAME, which src/FOLDER includes as "FOLDER/queries.hpp". They are defined in a
# separate source file, so that after a change of a query only that file is compiled. The text that is sent to the server is one line
# without comments. As a script (cmake -P) it writes both files of a folder; when included, it adds the rule that does so after a query has
# changed.
if(CMAKE_SCRIPT_MODE_FILE)
  set(declarations "#pragma once\n\nnamespace persais::queries {\n\n")
  set(definitions "#include \"${FOLDER}/queries.hpp\"\n\nnamespace persais::queries {\n\n")
  string(REPLACE "," ";" NAMES "${NAMES}")
  foreach(name IN LISTS NAMES)
    file(READ ${FROM}/${FOLDER}/${name}.sql sql)
    string(REGEX REPLACE "--[^\n]*" "" sql "${sql}")
    string(REGEX REPLACE "[ \n]+" " " sql "${sql}")
    string(STRIP "${sql}" sql)
    string(REGEX REPLACE ";$" "" sql "${sql}")
    string(APPEND declarations "extern const char ${name}[];\n")
    string(APPEND definitions "const char ${name}[] = R\"persais_sql(${sql})persais_sql\";\n")
  endforeach()
  string(APPEND declarations "\n} // namespace persais::queries\n")
  string(APPEND definitions "\n} // namespace persais::queries\n")
  file(WRITE ${TO}/${FOLDER}/queries.cpp "${definitions}")
  file(CONFIGURE OUTPUT ${TO}/${FOLDER}/queries.hpp CONTENT "${declarations}") # only written when the names differ
  return()
endif()

set(from ${CMAKE_SOURCE_DIR}/sql/queries)
set(to ${CMAKE_BINARY_DIR}/generated)
file(GLOB_RECURSE queries CONFIGURE_DEPENDS RELATIVE ${from} ${from}/*.sql)
list(TRANSFORM queries REPLACE "/[^/]*$" "" OUTPUT_VARIABLE folders)
list(REMOVE_DUPLICATES folders)
foreach(folder IN LISTS folders)
  set(files ${queries})
  list(FILTER files INCLUDE REGEX "^${folder}/[^/]*$")
  list(TRANSFORM files REPLACE "^.*/(.*)[.]sql$" "\\1" OUTPUT_VARIABLE names)
  list(JOIN names "," names) # in the command, so that it also runs after a query was removed
  list(TRANSFORM files PREPEND ${from}/)
  add_custom_command(OUTPUT ${to}/${folder}/queries.hpp ${to}/${folder}/queries.cpp
    COMMAND ${CMAKE_COMMAND} -DFROM=${from} -DFOLDER=${folder} -DNAMES=${names} -DTO=${to} -P ${CMAKE_CURRENT_LIST_FILE}
    DEPENDS ${files} ${CMAKE_CURRENT_LIST_FILE} VERBATIM)
  string(REPLACE "/" "_" library persais_${folder})
  target_sources(${library} PRIVATE ${to}/${folder}/queries.hpp ${to}/${folder}/queries.cpp)
  target_include_directories(${library} PRIVATE ${to})
endforeach()
