# `cmake --install` and, by `cpack` in the build folder, a Debian package.

set(name io.github.selfsight.Selfsight)
set(desktop ${CMAKE_SOURCE_DIR}/resources/desktop)
install(TARGETS selfsight RUNTIME)
install(TARGETS selfsight_program RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/selfsight)
install(FILES ${desktop}/${name}.desktop DESTINATION ${CMAKE_INSTALL_DATADIR}/applications)
install(FILES ${desktop}/${name}.metainfo.xml DESTINATION ${CMAKE_INSTALL_DATADIR}/metainfo)
install(FILES ${desktop}/${name}.svg
        DESTINATION ${CMAKE_INSTALL_DATADIR}/icons/hicolor/scalable/apps)
install(FILES ${CMAKE_SOURCE_DIR}/README.md ${CMAKE_SOURCE_DIR}/CONTRIBUTING.md
        DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY ${CMAKE_SOURCE_DIR}/docs DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${CMAKE_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME selfsight)
set(CPACK_PACKAGE_CONTACT "The Selfsight authors <selfsight@users.noreply.github.com>")
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "dataset-fashion-mnist, fonts-inter")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
include(CPack)
