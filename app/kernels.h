// Which BLAS kernels this processor gets.
#pragma once

#include <string>

namespace selfsight {

/// OpenBLAS 0.3.21 falls back to kernels of 2004 on processors it does not know, and matrix
/// products are then several times slower. It reads which ones to take when it is loaded, before
/// main; so where it has fallen back and OPENBLAS_CORETYPE is not set, this sets it and starts the
/// program anew.
void begin_with_good_kernels(char** argv);

/// The kernels in use, as OpenBLAS names them ("SkylakeX"); empty with another BLAS.
std::string blas_kernels();

}  // namespace selfsight
