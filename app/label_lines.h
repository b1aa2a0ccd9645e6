// A label-efficiency curve as the widget draws it, and as a picture file.
#pragma once

#include <filesystem>
#include <vector>

#include "core/probes/labels.h"
#include "widgets/label_curve.h"

namespace selfsight {

/// With the colours and dashes that each line has everywhere.
std::vector<LabelCurveLine> drawn_lines(const std::vector<LabelLine>& curve);

/// Draws it without a window, in the light scheme. The file's ending says the format: .svg, .png,
/// .pdf or .csv. Throws InputError for another, Error if it cannot be written.
void save_label_curve(int argc, char** argv, const std::vector<LabelLine>& curve,
                      const std::filesystem::path& file);

}  // namespace selfsight
