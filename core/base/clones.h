// One function, compiled for several generations of processors; the program picks at its start.
#pragma once

// The sanitizers run before the pick is made, and would instrument it.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define SELFSIGHT_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define SELFSIGHT_CLONES
#endif
