# `translations` gathers all texts of the window for Qt Linguist; it is there where qt6-l10n-tools is.
find_program(SELFSIGHT_LUPDATE lupdate PATHS /usr/lib/qt6/bin NO_DEFAULT_PATH)
if(SELFSIGHT_LUPDATE)
  add_custom_target(translations
    COMMAND ${CMAKE_COMMAND} -E make_directory resources/translations
    COMMAND ${SELFSIGHT_LUPDATE} -I . -no-obsolete app widgets -ts resources/translations/selfsight_de.ts
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} VERBATIM)
endif()
