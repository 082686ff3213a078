# Turns sql/migrations/NNNN_name.sql into the entries of a std::vector<migration>, in a file that all_migrations.cpp includes. As a script
# (cmake -P) it writes that file; when included, it adds the rule that does so after a migration has changed.
if(CMAKE_SCRIPT_MODE_FILE)
  set(entries "")
  file(GLOB files ${FROM}/*.sql)
  list(SORT files)
  foreach(file IN LISTS files)
    get_filename_component(stem ${file} NAME_WE)
    if(NOT stem MATCHES "^([0-9][0-9][0-9][0-9])_([a-z0-9_]+)$")
      message(FATAL_ERROR "${file}: a migration is called NNNN_name.sql")
    endif()
    set(name ${CMAKE_MATCH_2})
    math(EXPR number "1${CMAKE_MATCH_1} - 10000")
    file(READ ${file} sql)
    string(APPEND entries "{${number}, \"${name}\", R\"persais_sql(${sql})persais_sql\"},\n")
  endforeach()
  file(WRITE ${TO} "${entries}")
  return()
endif()

file(GLOB migrations CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/sql/migrations/*.sql)
set(generated ${CMAKE_BINARY_DIR}/generated/persais_migrations.inc)
add_custom_command(OUTPUT ${generated}
  COMMAND ${CMAKE_COMMAND} -DFROM=${CMAKE_SOURCE_DIR}/sql/migrations -DTO=${generated} -P ${CMAKE_CURRENT_LIST_FILE}
  DEPENDS ${migrations} ${CMAKE_CURRENT_LIST_FILE} VERBATIM)
target_sources(persais_store PRIVATE ${generated})
target_include_directories(persais_store PRIVATE ${CMAKE_BINARY_DIR}/generated)
