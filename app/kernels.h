// Which BLAS kernels this processor gets.
#pragma once

#include <string>

namespace selfsight {

/// OpenBLAS 0.3.21 falls back to kernels of 2004 on processors it does not know, and matrix
/// products are then several times slower. It reads its choice from the environment when it is
/// loaded, before main; so where it chose badly, this names the right one and starts the program
/// anew, once. A user's own OPENBLAS_CORETYPE is left alone.
void choose_blas_kernels(char** argv);

/// The kernels in use, as OpenBLAS names them ("SkylakeX"); empty with another BLAS.
std::string blas_kernels();

}  // namespace selfsight
