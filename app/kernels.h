// How this program's threads wait, and which BLAS kernels this processor gets.
#pragma once

#include <string>

namespace selfsight {

/// Both are read from the environment when libraries are loaded, before main; so where they are
/// not as they should be, this sets them and starts the program anew, once.
///
/// OpenBLAS 0.3.21 falls back to kernels of 2004 on processors it does not know, and matrix
/// products are then several times slower. GNU OpenMP lets threads that wait spin, which is fast
/// for one program alone and very slow for two side by side. What a user has set is left alone:
/// OPENBLAS_CORETYPE, GOMP_SPINCOUNT, OMP_WAIT_POLICY.
void begin_with_good_threads_and_kernels(char** argv);

/// The kernels in use, as OpenBLAS names them ("SkylakeX"); empty with another BLAS.
std::string blas_kernels();

}  // namespace selfsight
