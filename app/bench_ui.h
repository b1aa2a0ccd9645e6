// `selfsight bench ui`: how soon the window answers while training uses every core.
#pragma once

namespace selfsight {

/// Offscreen, on Fashion-MNIST, in a store of its own. Prints milliseconds; exit status. Throws
/// Error.
int run_bench_ui(int argc, char** argv, bool json);

}  // namespace selfsight
