# The libraries Selfsight stands on. The Debian packages are listed in scripts/packages.txt.
# First those of the engine.
find_package(Torch REQUIRED)
find_package(OpenCV REQUIRED COMPONENTS core imgproc imgcodecs videoio)
find_package(nlohmann_json REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(ZLIB REQUIRED)
find_package(TIFF 4.5 REQUIRED)
find_package(LibArchive REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenMP REQUIRED COMPONENTS CXX)

add_library(selfsight_tomlplusplus INTERFACE)
find_path(TOMLPLUSPLUS_INCLUDE toml++/toml.h REQUIRED)
target_include_directories(selfsight_tomlplusplus SYSTEM INTERFACE ${TOMLPLUSPLUS_INCLUDE})

add_library(selfsight_opencv INTERFACE)
target_link_libraries(selfsight_opencv INTERFACE opencv_core opencv_imgproc opencv_imgcodecs)
target_include_directories(selfsight_opencv SYSTEM INTERFACE ${OpenCV_INCLUDE_DIRS})

# For those who read videos; not for all.
add_library(selfsight_opencv_video INTERFACE)
target_link_libraries(selfsight_opencv_video INTERFACE selfsight_opencv opencv_videoio)

# <torch/torch.h> costs many seconds a unit: it is compiled once, here, and every room
# that uses torch takes this precompiled header.
add_library(selfsight_torch STATIC ${CMAKE_SOURCE_DIR}/cmake/torch_pch.cpp)
target_include_directories(selfsight_torch SYSTEM PUBLIC ${TORCH_INCLUDE_DIRS})
target_link_libraries(selfsight_torch PUBLIC ${TORCH_LIBRARIES} OpenMP::OpenMP_CXX)
target_precompile_headers(selfsight_torch PRIVATE <torch/torch.h>)
selfsight_flags(selfsight_torch)

if(SELFSIGHT_ENGINE_ONLY)
  return()
endif()

# Qt first: QCustomPlot's package expects Qt6::PrintSupport to exist already.
find_package(Qt6 6.4 REQUIRED COMPONENTS Core Gui Network Widgets PrintSupport Svg Test)
find_package(QCustomPlotQt6 REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(SQLiteCpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(spdlog REQUIRED)
find_package(LAPACK REQUIRED)  # faiss calls it, and BLAS

# For those who run networks of others; not for all.
find_package(OpenCV REQUIRED COMPONENTS dnn)
add_library(selfsight_opencv_dnn INTERFACE)
target_link_libraries(selfsight_opencv_dnn INTERFACE selfsight_opencv opencv_dnn)

find_path(ONNX_INCLUDE onnx/onnx_pb.h REQUIRED)
find_library(ONNX_PROTO_LIBRARY onnx_proto REQUIRED)
find_package(Protobuf REQUIRED)
add_library(selfsight_onnx INTERFACE)
target_link_libraries(selfsight_onnx INTERFACE ${ONNX_PROTO_LIBRARY} protobuf::libprotobuf)
target_include_directories(selfsight_onnx SYSTEM INTERFACE ${ONNX_INCLUDE})
# As Debian's libonnx is built.
target_compile_definitions(selfsight_onnx INTERFACE ONNX_NAMESPACE=onnx ONNX_ML=1)

find_path(FAISS_INCLUDE faiss/IndexFlat.h REQUIRED)
find_library(FAISS_LIBRARY faiss REQUIRED)
# An archive: what it needs must stand behind it on the linker's line.
add_library(selfsight_faiss STATIC IMPORTED GLOBAL)
set_target_properties(selfsight_faiss PROPERTIES
  IMPORTED_LOCATION ${FAISS_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${FAISS_INCLUDE}
  INTERFACE_LINK_LIBRARIES "LAPACK::LAPACK;BLAS::BLAS;OpenMP::OpenMP_CXX")

find_path(FFTW_INCLUDE fftw3.h REQUIRED)
find_library(FFTW_LIBRARY fftw3f REQUIRED)  # single precision
add_library(selfsight_fftw INTERFACE)
target_link_libraries(selfsight_fftw INTERFACE ${FFTW_LIBRARY})
target_include_directories(selfsight_fftw SYSTEM INTERFACE ${FFTW_INCLUDE})
