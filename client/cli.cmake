# What stands on the SDK and needs more libraries than it does: expat, OpenSSL and libzip.

# Official lists: their formats, and what makes a store hold what they say. It uses
# only the SDK. Debian's package of libzip tells CMake of tools that it does not hold.
find_package(EXPAT REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_path(COMMUNIQUE_LIBZIP_INCLUDE zip.h REQUIRED)
find_library(COMMUNIQUE_LIBZIP zip REQUIRED)
add_library(communique_importers STATIC
  importers/countries.cc
  importers/csv.cc
  importers/designation.cc
  importers/entries.cc
  importers/eu.cc
  importers/eu_values.cc
  importers/formats.cc
  importers/held.cc
  importers/input.cc
  importers/merge.cc
  importers/ofac_csv.cc
  importers/ofac_enhanced.cc
  importers/ofac_enhanced_values.cc
  importers/ofac_facts.cc
  importers/ofac_identifier.cc
  importers/ofac_labels.cc
  importers/ofac_list.cc
  importers/ofac_names.cc
  importers/ofac_period.cc
  importers/ofac_remarks.cc
  importers/ofac_tables.cc
  importers/own_values.cc
  importers/places.cc
  importers/plan.cc
  importers/sync.cc
  importers/text.cc
  importers/times.cc
  importers/titles.cc
  importers/uk.cc
  importers/uk_group.cc
  importers/uk_text.cc
  importers/un.cc
  importers/un_values.cc
  importers/version.cc
  importers/xml.cc)
target_include_directories(communique_importers
  PUBLIC ${CMAKE_CURRENT_SOURCE_DIR}
  PRIVATE ${COMMUNIQUE_LIBZIP_INCLUDE})
target_link_libraries(communique_importers
  PUBLIC communique::client
  PRIVATE communique_options EXPAT::EXPAT OpenSSL::Crypto ${COMMUNIQUE_LIBZIP} absl::btree
          absl::flat_hash_map absl::flat_hash_set absl::random_random)

# The command line, which uses only the SDK and the importers. A library, so that
# tests reach it.
add_library(communique_cli STATIC
  cli/arguments.cc
  cli/brier.cc
  cli/card.cc
  cli/commands.cc
  cli/commands_admin.cc
  cli/commands_history.cc
  cli/commands_import.cc
  cli/commands_load.cc
  cli/commands_predictions.cc
  cli/commands_publish.cc
  cli/commands_read.cc
  cli/commands_screen.cc
  cli/commands_search.cc
  cli/commands_verify.cc
  cli/commands_watch.cc
  cli/csv.cc
  cli/flags.cc
  cli/help.cc
  cli/highlight.cc
  cli/history_text.cc
  cli/input.cc
  cli/interrupt.cc
  cli/json.cc
  cli/output.cc
  cli/predictions.cc
  cli/progress.cc
  cli/record_diff.cc
  cli/scope.cc
  cli/screen_query.cc
  cli/table.cc
  cli/terminal.cc
  cli/token_file.cc)
target_include_directories(communique_cli PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(communique_cli
  PUBLIC communique::client
  PRIVATE communique_importers communique_options absl::random_random)
add_executable(communique cli/main.cc)
target_compile_definitions(communique PRIVATE COMMUNIQUE_VERSION="${PROJECT_VERSION}")
target_link_libraries(communique PRIVATE communique_cli communique_options)
communique_program(communique cli)
